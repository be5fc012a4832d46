import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { ACTIONS, ROOT, type Step } from './workflow-files';

const [FILE = ''] = ACTIONS;
const { runs, inputs } = parse(readFileSync(join(ROOT, FILE), 'utf8'));
const steps: readonly Step[] = runs.steps;

describe('the action for application repositories', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'tenantry-action-'));
  beforeAll(() => {
    for (const name of ['one', 'other'])
      cpSync(join(ROOT, 'examples/app-repo'), join(workspace, name), { recursive: true });
    const file = join(workspace, 'other/.github/workflows/release.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('[CI]', '[Ci]'));
    // TypeScript that is no concern of the linter's.
    writeFileSync(join(workspace, 'tsconfig.json'), '{ "extends": "./not-there.json" }');
  });
  afterAll(() => rmSync(workspace, { recursive: true }));

  /** Runs its last step as GitHub does: in the workspace of the caller. */
  function lint(directories: string) {
    const script = steps.find(({ name }) => name === 'Lint the workflows')?.run ?? '';
    const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: workspace,
      env: { ...process.env, ACTION: dirname(join(ROOT, FILE)), DIRECTORIES: directories, GITHUB_ACTIONS: 'true' },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  test('passes where nothing is wrong, and says nothing else', () => {
    expect(lint('one')).toEqual({ status: 0, stdout: 'No silent mistake in 2 workflows.\n', stderr: '' });
  });

  test('takes several directories, one on a line, and marks what is wrong where it stands', () => {
    const { status, stdout } = lint('one\nother\n');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=other\/\.github\/workflows\/release\.yml,line=7,.*unknown-workflow::/m);
  });

  test('looks at the repository that it is used in, if nobody says otherwise', () => {
    expect(inputs.directories.default).toBe('.');
    expect(lint('.').stderr).toContain('.: there is no .github/workflows in it');
  });

  test('installs the linter alone, as the lockfile says, and runs no script of a package', () => {
    const { run } = steps.find(({ name }) => name === 'Install the linter') ?? {};
    expect(run).toMatch(/^npm ci --workspace packages\/workflow-lint .*--ignore-scripts/);
  });

  test('pins what it uses to a commit, and puts nothing that it is given into a script', () => {
    for (const { uses, run } of steps) {
      expect(uses ?? '@'.padEnd(41, '0')).toMatch(/@[0-9a-f]{40}$/);
      expect(run ?? '').not.toMatch(/\$\{\{/);
    }
  });
});
