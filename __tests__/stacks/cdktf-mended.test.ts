import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KILLED_TERRAFORM } from '../../lib/cdktf-cli/killed-terraform';
import { mend, refuseUnmended } from '../../lib/cdktf-cli/mend';
import { PLAN_LOCK } from '../../lib/cdktf-cli/plan-lock';

const ROOT = join(__dirname, '../..');
const FLAWS = [KILLED_TERRAFORM, PLAN_LOCK];

describe('The cdktf that is installed', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-mended-'));
    write('package.json', '{}');
    write('node_modules/cdktf-cli/package.json', '{}');
    for (const { file } of FLAWS) write(`node_modules/${file}`, mended(file));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const mended = (file: string) => readFileSync(join(ROOT, 'node_modules', file), 'utf8');

  test.each(FLAWS)('is refused to the synth while it would $effect, and mended when packages are installed', (flaw) => {
    const { file, right, wrong, effect } = flaw;
    const original = mended(file).replace(right, wrong);
    expect(original).not.toBe(mended(file));
    refuseUnmended(folder);
    write(`node_modules/${file}`, original);

    expect(() => refuseUnmended(folder)).toThrow(
      `would ${effect}: packages were installed without scripts. Run "npm run postinstall"`,
    );
    mend(folder);
    mend(folder);
    refuseUnmended(folder);
    expect(readFileSync(join(folder, 'node_modules', file), 'utf8')).toBe(mended(file));
  });

  test.each(FLAWS)('is not mended by guess in another version: $look', ({ file, look }) => {
    write(`node_modules/${file}`, '{}');
    expect(() => mend(folder)).toThrow(`this version of it is not known. Look at ${look}`);
    expect(readFileSync(join(folder, 'node_modules', file), 'utf8')).toBe('{}');
  });

  test('is mended by the very script that npm runs', async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: { postinstall: string };
    };
    const [program = '', ...args] = scripts.postinstall.split(' ');
    const [error] = await new Promise<[Error | null]>((resolve) => {
      execFile(program, args, { cwd: ROOT }, (error) => resolve([error]));
    });
    expect(error).toBeNull();
    refuseUnmended(ROOT);
  });
});
