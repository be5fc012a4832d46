import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { table } from '../../cli/table';

const ROOT = join(__dirname, '../..');

function shell(command: string) {
  return spawnSync('sh', ['-c', command], { cwd: ROOT, encoding: 'utf8' });
}

describe('tenantry', () => {
  test('teaches what there is', () => {
    const { status, stdout } = shell('node cli/tenantry.js --help');

    expect(status).toBe(0);
    for (const command of ['status', 'resolve', 'verify', 'plan', 'review', 'bootstrap']) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
      expect(stdout).toContain(`npx tenantry ${command}`);
    }
  });

  test.each(['nonsense', 'status --jsn', 'verify extra', ''])(
    'ends with 2 when it is called wrongly: %p',
    (question) => {
      expect(shell(`node cli/tenantry.js ${question}`)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('--help'),
      });
    },
  );

  test('is quiet when its reader has seen enough', () => {
    const { stdout, stderr } = shell('node cli/tenantry.js --help | head -1');

    expect(stdout).toBe('Usage: tenantry [options] [command]\n');
    expect(stderr).toBe('');
  });
});

test('a table is aligned, without a frame and without trailing spaces', () => {
  expect(
    table(
      ['TENANT', 'RING'],
      [
        ['globex', 'general'],
        ['a', 'b'],
      ],
    ),
  ).toBe('TENANT  RING\nglobex  general\na       b');
});
