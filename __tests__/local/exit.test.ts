import { execFile } from 'node:child_process';
import { join } from 'node:path';

const EXIT = join(__dirname, '../../local/processes/exit');

describe('a command that ends', () => {
  test('says all that it has to say first, also where npm shares its pipe and nobody reads for a while', async () => {
    const last = 400_000;
    const program = `require(${JSON.stringify(EXIT)}).exit(3, "y".repeat(${last}))`;
    const command = `node -r @swc-node/register -e '${program}'`;
    const [code, said] = await new Promise<[unknown, string]>((resolve) => {
      const child = execFile(
        'npm',
        ['exec', '-c', command],
        { cwd: join(__dirname, '../..'), maxBuffer: 2 ** 24 },
        (error, _, stderr) => resolve([error?.code, stderr]),
      );
      child.stderr?.pause();
      setTimeout(() => child.stderr?.resume(), 1_000);
    });
    expect(code).toBe(3);
    expect(said.match(/y/g)?.length).toBeGreaterThanOrEqual(last);
  });
});
