import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ExplainedError } from '../explained-error';

/**
 * `cdktf deploy` runs Terraform in a pseudo-terminal, and looks at its exit code alone. That is 0 where a signal killed it (`kill -9`, the kernel
 * when memory is short): the state is locked, half of the tenants are updated, and cdktf says "No outputs found." and ends with 0
 * (`spawnPty` in @cdktf/cli-core/src/lib/models/pty-process.ts; `onExit` of node-pty gives the signal beside the code). cdktf is archived, so
 * it is mended here, where the two come from: as a shell does, 128 and the signal's number.
 */
const WRONG = 'fire({ exitCode: exitCode, signal: signal })';
const RIGHT = 'fire({ exitCode: signal ? 128 + signal : exitCode, signal: signal })';

const PTY = '@cdktf/node-pty-prebuilt-multiarch';

/** Thrown when the cdktf that is installed would call a killed Terraform a success. */
export class CdktfNotMended extends ExplainedError {
  override readonly name = 'CdktfNotMended';

  constructor(
    readonly file: string,
    next: string,
  ) {
    super(
      `the cdktf in node_modules would end with 0 although its Terraform was killed: ${next}. It is mended in ${file}`,
    );
  }
}

/**
 * @param root - folder of this program.
 * @throws CdktfNotMended unless the cdktf that is installed there tells of a killed Terraform.
 */
export function refuseUnmended(root: string): void {
  const file = terminalFile(root);
  if (!readFileSync(file, 'utf8').includes(RIGHT))
    throw new CdktfNotMended(file, 'packages were installed without scripts. Run "npm run postinstall"');
}

/**
 * Mends it. Writes a new file in place of the old one, since package managers share files between folders.
 *
 * @throws CdktfNotMended when the file is another one than that of cdktf 0.21.0.
 */
export function mend(root: string): void {
  const file = terminalFile(root);
  const text = readFileSync(file, 'utf8');
  if (text.includes(RIGHT)) return;
  if (!text.includes(WRONG))
    throw new CdktfNotMended(file, `this version of ${PTY} is not known. Look at how it tells of an exit`);
  writeFileSync(`${file}.new`, text.replace(WRONG, RIGHT));
  renameSync(`${file}.new`, file);
}

/** The file that the cdktf of `root` loads. */
function terminalFile(root: string): string {
  const cdktf = createRequire(join(root, 'package.json')).resolve('cdktf-cli/package.json');
  return createRequire(cdktf).resolve(`${PTY}/lib/terminal.js`);
}

if (require.main === module) mend(join(__dirname, '../..'));
