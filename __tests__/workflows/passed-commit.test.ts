import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KINDS } from '../../lib/run-report/verdict';
import { type Answer, type CiRun, FakeGitHub } from './fake-github';
import { GitRepository } from './git-repository';
import { runJob } from './job-run';
import { shellIn } from './shell-in';
import { type Job, readWorkflow } from './workflow-files';

const deploy = readWorkflow('.github/workflows/deploy-environment.yml').jobs.deploy as Job;
const refuse = readWorkflow('.github/workflows/deploy-tenants.yml').jobs.refuse as Job;
const FIND = 'Find the newest commit that CI passed';
const CHECK_OUT = 'Check out that commit';
const found: Job = { ...deploy, steps: (deploy.steps ?? []).filter(({ name }) => [FIND, CHECK_OUT].includes(name)) };

/** The step as it stands in the workflow, and a GitHub that answers from a real history. */
describe('the commit that is deployed', () => {
  let folder: string;
  let repository: GitRepository;
  let github: FakeGitHub;
  let [first, second, third, away]: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-passed-'));
    repository = new GitRepository(folder);
    [first, second] = [repository.commit('first'), repository.commit('second')];
    away = repository.commit('pushed away');
    repository.git('reset', '--quiet', '--hard', second);
    third = repository.commit('third');
    github = await FakeGitHub.start(() => folder);
  });
  afterAll(() => {
    github?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    github.instead = () => undefined;
    github.attempts = {};
    github.asked.length = 0;
  });

  const run = (head_sha: string | undefined, conclusion: string | null, given: Partial<CiRun> = {}): CiRun => ({
    id: 0,
    head_sha: head_sha ?? '',
    conclusion,
    ...given,
  });

  async function find(...newestFirst: readonly CiRun[]) {
    github.ci = newestFirst.map((one, index) => ({ ...one, id: one.id || newestFirst.length - index }));
    return job(found);
  }

  async function job(which: Job, env: NodeJS.ProcessEnv = {}, inputs: Readonly<Record<string, string>> = {}) {
    const event = { repository: { default_branch: 'main' } };
    const contexts = { github: { token: 'token', event }, vars: {}, secrets: {}, inputs };
    const done = await runJob(which, shellIn(tmpdir()), {
      contexts,
      env: { ...github.environment, GITHUB_RUN_ID: '500', ...env },
    });
    return { ...done, commit: done.given[CHECK_OUT]?.ref, slack: done.outputs.passed?.slack };
  }

  test('is the newest, where CI passed it', async () => {
    expect(await find(run(third, 'success'), run(second, 'success'))).toMatchObject({
      commit: third,
      status: 'success',
      summary: '',
    });
  });

  test.each([
    ['still runs', null],
    ['failed', 'failure'],
    ['was cancelled', 'cancelled'],
    ['was skipped', 'skipped'],
    ['took too long', 'timed_out'],
    ['was something that nobody knows yet', 'constructor'],
  ])('is the one before, where the CI of the newest %s', async (_, conclusion) => {
    expect((await find(run(third, conclusion), run(second, 'success'), run(first, 'success'))).commit).toBe(second);
  });

  test('is the newest of those that CI passed, though the run of an older one was made later', async () => {
    expect((await find(run(second, 'success'), run(third, 'success'))).commit).toBe(third);
  });

  test.each<[string, Partial<CiRun>]>([
    ['of a pull request from a branch of that name', { event: 'pull_request' }],
    ['that somebody started by hand', { event: 'workflow_dispatch' }],
    ['of a fork', { head_repository: { full_name: 'mallory/platform' } }],
    ['of a fork that is gone', { head_repository: null }],
    ['of another branch', { head_branch: 'releases/0.0.2' }],
  ])('does not follow a CI %s', async (_, given) => {
    expect((await find(run(third, 'success', given), run(second, 'success'))).commit).toBe(second);
  });

  test.each([
    ['was pushed away', () => away],
    ['GitHub has not any more', () => 'd'.repeat(40)],
  ])('is on the branch: not one that %s', async (_, sha) => {
    expect((await find(run(sha(), 'success'), run(second, 'success'))).commit).toBe(second);
  });

  test('stays the same while its CI is run again, and when that was cancelled; not when it failed', async () => {
    const again = (conclusion: string | null) =>
      find(run(third, conclusion, { id: 9, run_attempt: 3 }), run(second, 'success'));
    github.attempts = { 9: ['success', 'cancelled'] };
    expect((await again(null)).commit).toBe(third);
    expect((await again('cancelled')).commit).toBe(third);
    expect((await again('failure')).commit).toBe(second);
    github.attempts = { 9: ['failure', 'cancelled'] };
    expect((await again(null)).commit).toBe(second);
  });

  test('counts by the last CI that it had, where it was pushed to the branch twice', async () => {
    expect((await find(run(third, 'failure'), run(third, 'success'), run(second, 'success'))).commit).toBe(second);
    expect((await find(run(third, null), run(third, 'success'), run(second, 'success'))).commit).toBe(third);
  });

  test('is found behind a hundred runs that did not pass, and is not looked for without an end', async () => {
    const failed = (count: number) => Array.from({ length: count }, () => run(third, 'failure'));
    expect((await find(...failed(150), run(second, 'success'))).commit).toBe(second);
    github.asked.length = 0;
    expect((await find(...failed(1_000))).commit).toBeUndefined();
    expect(github.asked.filter((path) => path.includes('/runs?'))).toHaveLength(3);
  });

  describe('with the images of another run', () => {
    const earlier = { path: '.github/workflows/deploy-tenants.yml', head_branch: 'main', event: 'schedule' };
    const replay = (number: string, body?: unknown) => {
      github.ci = [run(third, 'success')];
      github.instead = (path) =>
        path === '/actions/runs/400' ? (body ? { body } : { status: 404, body: {} }) : undefined;
      return job(found, {}, { replay: number });
    };

    test('is found, where that one deployed', async () => {
      expect(await replay('400', earlier)).toMatchObject({ status: 'success', commit: third });
    });

    test.each<[string, string, unknown]>([
      [
        'is of another workflow, which may keep anything by the name of a lock',
        '400',
        { ...earlier, path: '.github/workflows/review.yml' },
      ],
      ['is of a branch', '400', { ...earlier, head_branch: 'evil' }],
      ["is of a fork's pull request, whose branch is called like ours", '400', { ...earlier, event: 'pull_request' }],
      ['is not there', '400', undefined],
      ['is no number', '400/../../actions/runs/400', earlier],
      ['is far too long', '4'.repeat(5_000), earlier],
    ])('is none, where that one %s', async (_, number, body) => {
      const done = await replay(number, body);
      expect(done).toMatchObject({ status: 'failure', commit: undefined });
      expect(done.summary).toContain('what is to be replayed is no run of deploy-tenants for main');
      expect(done.summary.length).toBeLessThan(500);
    });
  });

  test('is none where CI passed none: nothing is checked out, and a person is told which run to look at', async () => {
    const done = await find(run(third, 'failure'), run(away, 'success'));
    expect(done).toMatchObject({ status: 'failure', commit: undefined });
    expect(done.summary).toContain(`🚨 ${KINDS.person}: Nothing was deployed: no commit of main has passed ci`);
    expect(done.summary).toContain('https://github.com/acme/platform/actions/runs/2');
    expect(done.output).toMatch(/^::error title=A person is needed%3A Nothing was deployed/m);
    expect(JSON.parse(done.slack ?? '').text).toContain(`*${KINDS.person}*`);
  });

  test('is none yet where the first CI still runs: that heals by itself', async () => {
    const done = await find(run(third, null));
    expect(done).toMatchObject({ status: 'failure', commit: undefined });
    expect(done.summary).toContain(`⏳ ${KINDS.waiting}: Nothing was deployed: no commit of main has passed ci yet`);
  });

  test('is none where no push ever had a CI', async () => {
    const done = await find();
    expect(done.summary).toContain(KINDS.person);
    expect(done.summary).toContain('https://github.com/acme/platform/actions/workflows/ci.yml');
  });

  const RUNS = '/actions/workflows/ci.yml/runs';
  test.each<[string, string, Answer]>([
    ['is down', '', { status: 502, body: '<html>' }],
    ['has too many requests', RUNS, { status: 429, body: {} }],
    [
      'has too many requests of this repository',
      RUNS,
      { status: 403, headers: { 'x-ratelimit-remaining': '0' }, body: {} },
    ],
    ['asks to come back later', RUNS, { status: 403, headers: { 'retry-after': '60' }, body: {} }],
    ['answers with no JSON', '/branches/main', { body: '<!channel>\n::error::x' }],
    ['answers with something else', RUNS, { body: { workflow_runs: null } }],
    ['answers with nothing', RUNS, { body: null }],
    [
      'answers with a commit that is none',
      RUNS,
      {
        body: {
          workflow_runs: [
            {
              event: 'push',
              head_branch: 'main',
              head_repository: { full_name: 'acme/platform' },
              conclusion: 'success',
              head_sha: 'a\ncommit=b',
            },
          ],
        },
      },
    ],
  ])('is not guessed where GitHub %s: the run fails, and may heal by itself', async (_, path, answer) => {
    github.instead = (asked) => (asked === path ? answer : undefined);
    const done = await find(run(third, 'success'));
    expect(done).toMatchObject({ status: 'failure', commit: undefined });
    expect(done.summary).toContain(`🌧️ ${KINDS.passing}: Nothing was deployed: GitHub did not say`);
    expect(done.output).toMatch(/^::warning title=May heal by itself%3A /m);
    expect(done.output).not.toContain('::error::x');
    expect(done.slack).not.toContain('<!channel>');
    expect(Object.keys(done.outputs.passed ?? {})).toEqual(['slack']);
  });

  test('is found by the next answer, where GitHub failed once', async () => {
    let failed = false;
    github.instead = (path) => {
      if (failed || path !== RUNS) return undefined;
      failed = true;
      return { status: 503, body: '' };
    };
    expect((await find(run(third, 'success'))).commit).toBe(third);
  });

  test.each([401, 403, 404])('takes a person where GitHub refuses to say: %d', async (status) => {
    github.instead = (path) => (path === RUNS ? { status, body: {} } : undefined);
    const done = await find(run(third, 'success'));
    expect(done).toMatchObject({ status: 'failure', commit: undefined });
    expect(done.summary).toContain(`🚨 ${KINDS.person}: Nothing was deployed: GitHub refuses`);
    expect(done.summary).toContain('"actions: read"');
  });

  test('is no branch that somebody chose: that is refused, in words', async () => {
    const done = await job(refuse, { GITHUB_REF_NAME: 'some-branch' });
    expect(done.status).toBe('failure');
    expect(done.summary).toContain(
      'deploy-tenants deploys main alone, and was started from some-branch. Nothing was deployed.',
    );
    expect(done.output).toMatch(/^::error title=Refused::deploy-tenants deploys main alone/m);
  });
});
