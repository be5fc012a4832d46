import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ExplainedError } from '../text/explained-error';
import type { Flaw } from './flaw';
import { KILLED_TERRAFORM } from './killed-terraform';
import { PLAN_LOCK } from './plan-lock';

const FLAWS = [KILLED_TERRAFORM, PLAN_LOCK];

/** Thrown when the cdktf that is installed has one of its flaws. */
export class CdktfNotMended extends ExplainedError {
  override readonly name = 'CdktfNotMended';

  constructor(
    { effect }: Flaw,
    readonly file: string,
    next: string,
  ) {
    super(`the cdktf in node_modules would ${effect}: ${next}. It is mended in ${file}`);
  }
}

/**
 * @param root - folder of this program.
 * @throws CdktfNotMended unless the cdktf that is installed there is mended.
 */
export function refuseUnmended(root: string): void {
  for (const flaw of FLAWS) {
    const file = fileOf(flaw, root);
    if (!readFileSync(file, 'utf8').includes(flaw.right))
      throw new CdktfNotMended(flaw, file, 'packages were installed without scripts. Run "npm run postinstall"');
  }
}

/**
 * Mends it. Writes a new file in place of the old one, since package managers share files between folders.
 *
 * @throws CdktfNotMended when a file is another one than that of cdktf 0.21.0.
 */
export function mend(root: string): void {
  for (const flaw of FLAWS) {
    const file = fileOf(flaw, root);
    const text = readFileSync(file, 'utf8');
    if (text.includes(flaw.right)) continue;
    if (!text.includes(flaw.wrong))
      throw new CdktfNotMended(flaw, file, `this version of it is not known. Look at ${flaw.look}`);
    writeFileSync(`${file}.new`, text.replace(flaw.wrong, flaw.right));
    renameSync(`${file}.new`, file);
  }
}

/** The file that the cdktf of `root` loads. */
function fileOf(flaw: Flaw, root: string): string {
  const cdktf = createRequire(join(root, 'package.json')).resolve('cdktf-cli/package.json');
  return createRequire(cdktf).resolve(flaw.file);
}

if (require.main === module) mend(join(__dirname, '../..'));
