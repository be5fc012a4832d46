import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitHubSilent } from '../../lib/run-report/github';
import { newerCommits, whyNot } from '../../lib/run-report/newer-commits';
import { FakeGitHub } from './fake-github';
import { GitRepository } from './git-repository';

describe('commits that are newer than the one that was deployed', () => {
  let folder: string;
  let github: FakeGitHub;
  let commits: readonly string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-newer-'));
    const repository = new GitRepository(folder);
    commits = ['deployed', 'passed', 'between', 'failed', 'slow', 'running', 'no CI'].map((name) =>
      repository.commit(name),
    );
    github = await FakeGitHub.start(() => folder);
    const run = (index: number, conclusion: string | null) => ({
      id: index,
      head_sha: commits[index] ?? '',
      conclusion,
    });
    github.ci = [
      run(0, 'success'),
      run(1, 'success'),
      run(3, 'failure'),
      run(4, 'timed_out'),
      run(5, null),
      { ...run(2, 'success'), event: 'pull_request' },
    ];
  });
  afterAll(() => {
    github?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    github.instead = () => undefined;
  });

  const newer = (index: number) => newerCommits(commits[index] ?? '', { ...github.environment, GITHUB_TOKEN: 'token' });

  test('are told with how their CI is, the newest first; of one push the last speaks for the others', async () => {
    expect((await newer(0)).map((one) => `${one.subject}: ${whyNot(one)}`)).toEqual([
      'no CI: CI has no run for it yet; one that says [skip ci] never gets any',
      'running: its CI still runs',
      'slow: its CI ended with timed_out',
      'failed: its CI failed',
      'passed: its CI has passed by now: that started the run that deploys it',
    ]);
  });

  test('are none at the head of the branch', async () => {
    expect(await newer(commits.length - 1)).toEqual([]);
  });

  test.each([
    ['is down', { status: 502, body: '<html>' }, 'did not say'],
    ['refuses', { status: 403, body: {} }, 'refuses to say which commits are newer (403)'],
    [
      'answers with something else',
      { body: { commits: [{ sha: '../x' }] } },
      'did not say which commits are newer (200)',
    ],
  ])('are not known where GitHub %s, and nothing fails for that', async (_, answer, message) => {
    github.instead = (path) => (path.startsWith('/compare/') ? answer : undefined);
    await expect(newer(0)).rejects.toThrow(GitHubSilent);
    await expect(newer(0)).rejects.toThrow(message);
  });
});
