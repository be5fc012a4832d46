import '@microsoft/jest-sarif';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PACKAGE = join(__dirname, '..');
const ROOT = join(PACKAGE, '../..');

const CI = `name: CI
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: make test
`;

const DEPLOY = `name: Deploy
on:
  workflow_run:
    workflows: [ci]
    types: [completed]
jobs:
  deploy:
    if: github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push' && github.event.workflow_run.head_branch == 'main'
    runs-on: ubuntu-24.04
    steps:
      - run: make deploy
`;

const SENDER = `name: Tell
on: push
jobs:
  tell:
    runs-on: ubuntu-24.04
    steps:
      - uses: peter-evans/repository-dispatch@28959ce8df70de7be546dd1250a005dd32156697
        with:
          repository: acme/listener
          event-type: image-pushd
`;

const LISTENER = `name: Hear
on:
  repository_dispatch:
    types: [image-pushed]
jobs:
  hear:
    runs-on: ubuntu-24.04
    steps:
      - run: make all
`;

describe('tenantry lint', () => {
  const root = mkdtempSync(join(tmpdir(), 'tenantry-lint-'));
  afterAll(() => rmSync(root, { recursive: true }));

  function repository(name: string, workflows: Readonly<Record<string, string>>): string {
    for (const [file, text] of Object.entries(workflows)) {
      const path = join(root, name, '.github/workflows', file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    return name;
  }

  function lint(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { GITHUB_ACTIONS: _, ...outside } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(PACKAGE, 'cli/tenantry-lint.js'), ...args], {
      cwd: root,
      env: { ...outside, ...env },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  test('shows a mistake with its place, why nobody notices, and what to do', () => {
    const { status, stdout } = lint([repository('broken', { 'ci.yml': CI, 'deploy.yml': DEPLOY })]);
    expect(status).toBe(1);
    expect(stdout).toContain(`broken/.github/workflows/deploy.yml
  4:17  unknown-workflow
`);
    expect(stdout).toContain(`    4 |     workflows: [ci]
      |                 ^^
    Why nobody notices: `);
    expect(stdout).toMatch(/What to do: .*"CI"/);
    expect(stdout).toMatch(/\n1 mistake in 1 of 2 workflows\.\n$/);
  });

  test('finds nothing in what is sound', () => {
    expect(lint([repository('sound', { 'ci.yml': CI })])).toEqual({
      status: 0,
      stdout: 'No silent mistake in 1 workflow.\n',
      stderr: '',
    });
  });

  test('marks the lines of a pull request for GitHub', () => {
    const directory = repository('marked', { 'ci.yml': CI, 'deploy.yml': DEPLOY });
    const { stdout } = lint([directory], { GITHUB_ACTIONS: 'true' });
    expect(stdout).toMatch(
      /^::error file=marked\/\.github\/workflows\/deploy\.yml,line=4,col=17,title=tenantry lint%3A unknown-workflow::\S/m,
    );
  });

  test('tells programs the same', () => {
    const { status, stdout } = lint([repository('json', { 'ci.yml': CI, 'deploy.yml': DEPLOY }), '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      workflows: ['json/.github/workflows/ci.yml', 'json/.github/workflows/deploy.yml'],
      findings: [{ rule: 'unknown-workflow', level: 'error', line: 4, column: 17, endColumn: 19 }],
    });
  });

  test.each([
    ['mistakes', { 'ci.yml': CI, 'deploy.yml': DEPLOY }, 1],
    ['none', { 'ci.yml': CI }, 0],
  ])('writes SARIF that is valid, of %s', (name, workflows, status) => {
    const found = lint([repository(`sarif-${name}`, workflows), '--sarif']);
    const log = JSON.parse(found.stdout);
    expect(found.status).toBe(status);
    expect(log).toBeValidSarifLog();
    expect(log.runs[0].results).toHaveLength(status);
    for (const { ruleId, ruleIndex } of log.runs[0].results) {
      expect(log.runs[0].tool.driver.rules[ruleIndex].id).toBe(ruleId);
    }
  });

  test('hears what repositories tell each other', () => {
    const sender = repository('sender', { 'tell.yml': SENDER });
    const listener = repository('listener', { 'hear.yml': LISTENER });
    expect(lint([sender]).status).toBe(0);
    expect(lint([listener]).status).toBe(0);

    const { status, stdout } = lint([sender, listener]);
    expect(status).toBe(1);
    expect(stdout).toContain('sender/.github/workflows/tell.yml\n  10:23  dispatch-unheard');
    expect(stdout).toContain('listener/.github/workflows/hear.yml\n  4:13  dispatch-never-sent');
  });

  test('takes a comment with a reason for an answer, and says when nobody needs it', () => {
    const excused = DEPLOY.replace(
      '[ci]',
      '[ci] # tenantry-lint: ignore unknown-workflow because the organisation adds it',
    );
    expect(lint([repository('excused', { 'ci.yml': CI, 'deploy.yml': excused })]).status).toBe(0);

    const idle = excused.replace('[ci]', '[CI]');
    const { stdout } = lint([repository('idle', { 'ci.yml': CI, 'deploy.yml': idle })]);
    expect(stdout).toContain('there is no finding of unknown-workflow here');
  });

  test.each([
    ['nowhere', 'nowhere: there is no such directory'],
    ['.', '.: there is no .github/workflows in it. Name the root of a repository'],
  ])('ends with 2 where there is nothing to lint: %s', (directory, message) => {
    expect(lint([directory])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  test('finds nothing in the workflows of this repository and of the example, which tell each other of images', () => {
    const { status, stdout } = lint([ROOT, join(ROOT, 'examples/app-repo')]);
    expect(stdout).toBe('No silent mistake in 8 workflows.\n');
    expect(status).toBe(0);
  });

  test('finds nothing where the example with two environments takes the place of one', () => {
    const both = join(root, 'environments');
    for (const from of [ROOT, join(ROOT, 'examples/environments')]) {
      cpSync(join(from, '.github/workflows'), join(both, '.github/workflows'), { recursive: true });
    }
    expect(lint([both])).toMatchObject({ stdout: 'No silent mistake in 6 workflows.\n', status: 0 });
  });
});
