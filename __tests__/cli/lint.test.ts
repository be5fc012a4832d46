import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

function answer(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.each([
  ['a repository', ['.'], 0],
  ['a folder that there is not', ['nowhere'], 2],
  ['two forms at a time', ['--json', '--sarif'], 2],
])('"tenantry lint" answers as the program of the linter does: %s', (_, args, status) => {
  const own = answer('packages/workflow-lint/cli/tenantry-lint.js', ...args);
  const found = answer('cli/tenantry.js', 'lint', ...args);

  expect(found.status).toBe(status);
  expect({ ...found, stderr: found.stderr.split('\n')[0] }).toEqual({ ...own, stderr: own.stderr.split('\n')[0] });
});
