import { holds, type JobStatus, ORCHESTRATORS, readWorkflow } from './workflow-files';

const SHA = '4f0d2a6c9b1e8d7c5a3f4f0d2a6c9b1e8d7c5a3f';

/** What GitHub sends when a CI run has ended, as far as a guard looks at it. */
function ended(run: Record<string, unknown> = {}) {
  const repository = { full_name: 'acme/web-client', default_branch: 'main' };
  const workflow_run = {
    conclusion: 'success',
    event: 'push',
    head_branch: 'releases/0.0.2',
    head_sha: SHA,
    head_repository: { full_name: 'acme/web-client' },
    run_attempt: 1,
    ...run,
  };
  return { github: { repository: 'acme/web-client', event_name: 'workflow_run', event: { repository, workflow_run } } };
}

describe.each(['.github/workflows/release-operator.yml', 'examples/app-repo/.github/workflows/release.yml'])(
  'the guard of %s',
  (file) => {
    const releases = (run?: Record<string, unknown>) => holds(readWorkflow(file).jobs.release?.if, ended(run));

    test.each([
      ['a release branch', {}],
      ['the default branch', { head_branch: 'main' }],
      ['a CI that was run again and passed', { run_attempt: 2 }],
    ])('lets %s through', (_, run) => {
      expect(releases(run)).toBe(true);
    });

    test.each([
      ['a fork whose branch is called like ours', { head_repository: { full_name: 'mallory/web-client' } }],
      ['a fork that is gone', { head_repository: null }],
      ['a pull request of a fork from its main', { event: 'pull_request', head_branch: 'main' }],
      ['a pull request from a release branch of this repository', { event: 'pull_request' }],
      ['a scheduled CI', { event: 'schedule' }],
      ['a CI that somebody started by hand', { event: 'workflow_dispatch' }],
      ...['failure', 'cancelled', 'skipped', 'timed_out', 'action_required', 'neutral', 'stale', 'startup_failure'].map(
        (conclusion): [string, Record<string, unknown>] => [`a CI that ended with ${conclusion}`, { conclusion }],
      ),
      ['a CI without a conclusion', { conclusion: null }],
      ['another branch', { head_branch: 'feature' }],
      ['a branch that begins like a release', { head_branch: 'releases' }],
      ['a branch with a release in it', { head_branch: 'fix/releases/0.0.2' }],
      ['a branch with the default branch in it', { head_branch: 'main2' }],
      ['no branch', { head_branch: null }],
    ])('keeps out %s', (_, run) => {
      expect(releases(run)).toBe(false);
    });
  },
);

describe.each(ORCHESTRATORS)('the guards of %s', (file) => {
  const { refuse, deploy, staging, production } = readWorkflow(file).jobs;
  const jobs = (github: Record<string, unknown>) => {
    const contexts = { github: { repository: 'acme/platform', ref: 'refs/heads/main', ...github } };
    const first = holds((deploy ?? staging)?.if, contexts);
    // What comes after another is left out with it.
    const needs = { staging: { result: first ? 'success' : 'skipped' } };
    if (production) expect(holds(production.if, { ...contexts, needs })).toBe(first);
    return [first, holds(refuse?.if, contexts)];
  };
  const repository = { full_name: 'acme/platform', default_branch: 'main' };
  const ci = (given: Record<string, unknown> = {}) => {
    const head_repository = { full_name: 'acme/platform' };
    const workflow_run = { conclusion: 'success', event: 'push', head_branch: 'main', head_repository, ...given };
    return jobs({ event_name: 'workflow_run', event: { repository, workflow_run } });
  };

  test.each([
    // GitHub says nothing of the repository there.
    ['the schedule', { event_name: 'schedule', event: { schedule: '17,47 * * * *' } }],
    ['a dispatch', { event_name: 'repository_dispatch', event: { repository } }],
    ['somebody, from the default branch', { event_name: 'workflow_dispatch', event: { repository } }],
  ])('let %s deploy', (_, github) => {
    expect(jobs(github)).toEqual([true, false]);
  });

  test('let a CI that passed on the default branch deploy', () => {
    expect(ci()).toEqual([true, false]);
  });

  test.each([['refs/heads/releases/0.0.2'], ['refs/heads/main2'], ['refs/tags/main']])(
    'refuse somebody who starts it from %s',
    (ref) => {
      expect(jobs({ event_name: 'workflow_dispatch', event: { repository }, ref })).toEqual([false, true]);
    },
  );

  test.each([
    ['a fork whose branch is called like ours', { head_repository: { full_name: 'mallory/platform' } }],
    ['a fork that is gone', { head_repository: null }],
    ['a pull request', { event: 'pull_request' }],
    ['a CI that somebody started by hand', { event: 'workflow_dispatch' }],
    ['a release branch', { head_branch: 'releases/0.0.2' }],
    ['no branch', { head_branch: null }],
    ...['failure', 'cancelled', 'skipped', 'timed_out', 'action_required', 'neutral', 'stale', null].map(
      (conclusion): [string, Record<string, unknown>] => [`a CI that ended with ${conclusion}`, { conclusion }],
    ),
  ])('start no job, so that none takes the lock, after %s', (_, run) => {
    expect(ci(run)).toEqual([false, false]);
  });
});

describe('production, after staging,', () => {
  const { production } = readWorkflow('examples/environments/.github/workflows/deploy-tenants.yml').jobs;
  const follows = (result: string, status: JobStatus) =>
    holds(production?.if, { needs: { staging: { result } } }, status);

  test('is deployed also where staging is red, so that a freeze, a roll back and its own files reach it', () => {
    expect([follows('success', 'success'), follows('failure', 'failure')]).toEqual([true, true]);
  });

  test('is left to the newer run that took the place of this one at staging, and to nobody where the run is ended', () => {
    expect([follows('cancelled', 'success'), follows('success', 'cancelled')]).toEqual([false, false]);
  });
});

describe('a pull request', () => {
  const { plan, 'no-plan-for-forks': forks } = readWorkflow('.github/workflows/review.yml').jobs;
  const from = (repo: { full_name: string } | null) => ({
    github: { repository: 'acme/platform', event: { pull_request: { head: { repo } } } },
  });

  test('of this repository is planned', () => {
    const contexts = from({ full_name: 'acme/platform' });
    expect([holds(plan?.if, contexts), holds(forks?.if, contexts)]).toEqual([true, false]);
  });

  test.each([[{ full_name: 'mallory/platform' }], [null]])('of a fork is told that it is not: %j', (repo) => {
    expect([holds(plan?.if, from(repo)), holds(forks?.if, from(repo))]).toEqual([false, true]);
  });
});
