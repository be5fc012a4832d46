import { GitHubDeployments } from '../../lib/deployments/github-deployments';
import { placesOf } from '../../lib/deployments/place';
import { type Told, tellGitHub } from '../../lib/deployments/tell-github';
import { toldSummary, toldWarning } from '../../lib/deployments/told';
import { wantedDeployments } from '../../lib/deployments/wanted-deployment';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { deployed, withPods, withReady } from '../fleet/live-fleet';
import { imagesFor, PLATFORM, tenant } from '../stacks/pinned-platform';
import { type Answer, FakeGitHub } from '../workflows/fake-github';

const RUN = 'https://github.com/acme/platform/actions/runs/500';
const [FIRST, SECOND] = ['first', 'second'].map((build) => {
  const [commit = ''] = imagesFor([tenant('any')], build).findImage('any', 'apiserver').commits;
  return commit;
}) as [string, string];

const amber = (build: string) => deployed(tenant('amber', 'canary'), build);
const birch = (build: string) => deployed(tenant('birch'), build);
/** Asked for the second build, and with this to say of it while it runs the first. */
const saying = (live: LiveTenant, reason: string, isStalled = false): LiveTenant => {
  const { status } = withPods(deployed(tenant(live.metadata.name, live.spec.ring)), 0);
  const said = withReady({ ...live, status: status as NonNullable<LiveTenant['status']> }, 'False', reason, 'why');
  const conditions = said.status?.conditions ?? [];
  const stalled = conditions
    .slice(0, isStalled ? 1 : 0)
    .map((one) => ({ ...one, type: 'Stalled', status: 'True' as const }));
  return { ...said, status: { ...said.status, conditions: [...conditions, ...stalled] } };
};

describe('telling GitHub what is deployed', () => {
  let github: FakeGitHub;
  beforeEach(async () => {
    github = await FakeGitHub.start(() => '.');
  });
  afterEach(() => github.close());

  const tell = (...live: readonly LiveTenant[]): Promise<Told> => {
    const places = live.flatMap((one) => placesOf(one, PLATFORM, () => undefined));
    const api = github.environment.GITHUB_API_URL ?? '';
    return tellGitHub(
      wantedDeployments(PLATFORM, places),
      new GitHubDeployments({ api, token: 'token', run: RUN, patience: 60_000 }),
    );
  };
  const shown = (environment: string) =>
    github.deployments
      .shown('acme/apiserver', environment)
      .map((line) => line.replace(FIRST, 'first').replace(SECOND, 'second'));
  /** The same answer to whatever is asked about a repository. */
  const answering = (repository: string, answer: Answer, method = '') => {
    github.instead = (path, asked) =>
      path.startsWith(`/repos/${repository}/`) && asked.startsWith(method) ? answer : undefined;
  };

  test('writes a deployment and a status for each service and ring, with where to look', async () => {
    const { written, unchanged, refused } = await tell(amber('first'), birch('first'));
    expect({ written: written.length, unchanged, refused }).toEqual({ written: 4, unchanged: 0, refused: [] });
    expect(shown('acme/canary')).toEqual(['first success']);
    expect(shown('acme/general')).toEqual(['first success']);
    // Nobody ever was in that ring.
    expect(shown('acme/early')).toEqual([]);
    const [deployment] = github.deployments.of('acme/apiserver', 'acme/canary');
    expect(deployment?.asked).toEqual({
      ref: FIRST,
      environment: 'acme/canary',
      description: 'apiserver releases/0.0.2',
      payload: { service: 'apiserver', release: 'releases/0.0.2' },
      auto_merge: false,
      required_contexts: [],
      transient_environment: false,
      production_environment: false,
    });
    expect(deployment?.statuses).toEqual([
      {
        state: 'success',
        description: 'its tenant runs it',
        log_url: RUN,
        environment_url: 'https://amber.example.com/apiserver',
        auto_inactive: true,
      },
    ]);
  });

  test('writes nothing where GitHub says so already, whichever run it is that asks', async () => {
    await tell(amber('first'), birch('first'));
    const before = [...github.deployments.writes];
    expect(await tell(amber('first'), birch('first'))).toEqual({ written: [], unchanged: 4, refused: [] });
    expect(github.deployments.writes).toEqual(before);
  });

  test('shows a ring that is held as queued, and as done when it was let through; what it ran before is active until then', async () => {
    await tell(amber('first'), birch('first'));
    await tell(amber('second'), saying(birch('second'), 'RingHeld'));
    expect(shown('acme/canary')).toEqual(['second success', 'first inactive']);
    expect(shown('acme/general')).toEqual(['second queued', 'first success']);
    await tell(amber('second'), saying(birch('second'), 'RolloutInProgress'));
    expect(shown('acme/general')).toEqual(['second in_progress', 'first success']);
    await tell(amber('second'), birch('second'));
    expect(shown('acme/general')).toEqual(['second success', 'first inactive']);
  });

  test('shows a failure, and its end', async () => {
    await tell(birch('first'));
    await tell(saying(birch('second'), 'RolloutStuck', true));
    expect(shown('acme/general')).toEqual(['second failure', 'first success']);
    await tell(birch('second'));
    expect(shown('acme/general')).toEqual(['second success', 'first inactive']);
  });

  test('shows a commit that came back as the newest', async () => {
    for (const build of ['first', 'second', 'first']) await tell(birch(build));
    expect(shown('acme/general')).toEqual(['first success', 'second inactive', 'first inactive']);
  });

  test('shows a ring that has no tenant any more as inactive, once', async () => {
    await tell(amber('first'), birch('first'));
    const { written } = await tell(birch('first'));
    expect(written).toHaveLength(2);
    expect(shown('acme/canary')).toEqual(['first inactive']);
    expect((await tell(birch('first'))).written).toEqual([]);
  });

  test.each(['in_progress', 'failure'])(
    'leaves nothing active in a ring that has no tenant any more, where what ran there before the newest, in state %s, still was',
    async (state) => {
      await tell(birch('first'));
      const isStuck = state === 'failure';
      await tell(saying(birch('second'), isStuck ? 'RolloutStuck' : 'RolloutInProgress', isStuck));
      expect(shown('acme/general')).toEqual([`second ${state}`, 'first success']);
      const { written } = await tell();
      expect(written).toHaveLength(2);
      expect(shown('acme/general')).toEqual(['second inactive', 'first inactive']);
      github.asked.splice(0);
      expect((await tell()).written).toEqual([]);
      // The newest and its status, and of the rings that never had a tenant that there is none.
      expect(github.asked.filter((path) => path.startsWith('/repos/acme/apiserver/'))).toHaveLength(4);
    },
  );

  test('makes the former ones inactive before the newest, so that the next run goes on where one was cut', async () => {
    for (const build of ['first', 'second']) await tell(saying(birch(build), 'RolloutInProgress'));
    await tell(saying(birch('first'), 'RolloutInProgress'));
    expect(shown('acme/general')).toEqual(['first in_progress', 'second in_progress', 'first in_progress']);
    const cut = async (after: number) => {
      let left = after;
      github.instead = (path, method) =>
        path.startsWith('/repos/acme/apiserver/') && method === 'POST' && left-- <= 0
          ? { status: 502, body: {} }
          : undefined;
      return tell();
    };
    await cut(1);
    expect(shown('acme/general')).toEqual(['first in_progress', 'second in_progress', 'first inactive']);
    await cut(1);
    expect(shown('acme/general')).toEqual(['first in_progress', 'second inactive', 'first inactive']);
    expect((await cut(1)).stopped).toBeUndefined();
    expect(shown('acme/general')).toEqual(['first inactive', 'second inactive', 'first inactive']);
  });

  test('leaves nothing active of what two runs noted at once, each unaware of the other', async () => {
    await tell(saying(birch('first'), 'Migrating'));
    // The second looked before the first had written.
    github.instead = (path, method) => (path.endsWith('/deployments') && method === 'GET' ? { body: [] } : undefined);
    await tell(saying(birch('first'), 'Migrating'));
    github.instead = () => undefined;
    expect(shown('acme/general')).toEqual(['first in_progress', 'first in_progress']);
    await tell();
    expect(shown('acme/general')).toEqual(['first inactive', 'first inactive']);
  });

  test('gives a deployment its status that was left without one, or that somebody took for inactive', async () => {
    await tell(birch('first'));
    const [deployment] = github.deployments.of('acme/apiserver', 'acme/general');
    deployment?.statuses.splice(0);
    await tell(birch('first'));
    expect(shown('acme/general')).toEqual(['first success']);
    deployment?.statuses.unshift({ state: 'inactive', description: '' });
    await tell(birch('first'));
    expect(shown('acme/general')).toEqual(['first success']);
  });

  test.each<[string, Answer, string]>([
    [
      'has no rights there',
      { status: 403, body: { message: 'Resource not accessible by integration' } },
      'Is the App installed',
    ],
    ['sees no such repository', { status: 404, body: { message: 'Not Found' } }, 'Is the App installed'],
    ['is told of another name', { status: 301, headers: { location: '/repositories/1' }, body: {} }, 'mend "github"'],
    ['is answered with something else', { body: [{ id: 'x' }] }, 'something else'],
    ['is answered with no JSON', { body: '<html>' }, 'something else'],
  ])('goes on with the other repositories where it %s, and says what to do', async (_, answer, message) => {
    answering('acme/apiserver', answer);
    const told = await tell(amber('first'), birch('first'));
    expect(told.written.map(({ repository }) => repository)).toEqual(['acme/worker', 'acme/worker']);
    expect(told.refused).toEqual([{ repository: 'acme/apiserver', message: expect.stringContaining(message) }]);
    expect(toldWarning(told)).toMatch(
      /^::warning title=Deployments at GitHub%3A not all is written::acme\/apiserver: /,
    );
    expect(toldSummary(told)).toContain('⚠️ `acme/apiserver`');

    github.instead = () => undefined;
    await tell(amber('first'), birch('first'));
    expect(shown('acme/general')).toEqual(['first success']);
  });

  test('tells of every other ring of a repository that does not have the commit of one, and says of that one what to do', async () => {
    await tell(amber('second'));
    github.deployments.has = (_, commit) => commit !== FIRST;
    const told = await tell(amber('first'), birch('second'));
    expect(shown('acme/general')).toEqual(['second success']);
    expect(shown('acme/canary')).toEqual(['second success']);
    expect(told.refused[0]).toEqual({
      repository: 'acme/apiserver',
      environment: 'acme/canary',
      message: expect.stringContaining(`GitHub does not take it (422: No ref found for: ${FIRST})`),
    });
    expect(told.refused[0]?.message).toContain('GitHub shows here what it showed before');
    expect(toldSummary(told)).toContain('⚠️ `acme/apiserver` `acme/canary`: ');
    expect(toldWarning(told)).toContain('::acme/apiserver acme/canary: GitHub does not take it');
    expect(toldWarning(told)).toContain('push an image of a commit that it has');
  });

  test('asks no further of a repository that refuses the App, and warns of it once', async () => {
    answering('acme/apiserver', { status: 403, body: { message: 'Resource not accessible by integration' } });
    const { refused } = await tell(amber('first'), birch('first'));
    expect(refused).toHaveLength(1);
    expect(github.asked.filter((path) => path.startsWith('/repos/acme/apiserver/'))).toHaveLength(1);
  });

  test.each<[string, Answer, string]>([
    ['is down', { status: 502, body: '<html>' }, 'does not answer (502)'],
    ['was asked too much', { status: 429, body: {} }, 'asked too much (429)'],
    [
      'was written to too often',
      { status: 403, headers: { 'retry-after': '60' }, body: { message: 'You have exceeded a secondary rate limit' } },
      'asked too much (403',
    ],
    [
      'was written to too often, which its message alone tells',
      {
        status: 403,
        body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
      },
      'asked too much (403',
    ],
    ['has no requests left', { status: 403, headers: { 'x-ratelimit-remaining': '0' }, body: {} }, 'asked too much'],
    ['does not take the token', { status: 401, body: { message: 'Bad credentials' } }, 'does not take the token'],
  ])('stops where GitHub %s, and the next run goes on', async (_, answer, message) => {
    answering('acme/worker', answer, 'POST');
    const told = await tell(amber('first'), birch('first'));
    expect(told.stopped).toContain(message);
    expect(toldWarning(told)).toContain('The next run tries again.');
    github.instead = () => undefined;
    await tell(amber('first'), birch('first'));
    expect(github.deployments.all).toHaveLength(4);
    expect(github.deployments.all.map(({ statuses }) => statuses[0]?.state)).toEqual(Array(4).fill('success'));
  });

  test('stops where nobody is at the address', async () => {
    const { GITHUB_API_URL: api = '' } = github.environment;
    github.close();
    const nobody = new GitHubDeployments({ api, token: 'token', patience: 60_000 });
    const places = placesOf(birch('first'), PLATFORM, () => undefined);
    expect((await tellGitHub(wantedDeployments(PLATFORM, places), nobody)).stopped).toMatch(
      /GitHub does not answer: .*ECONNREFUSED/,
    );
  });

  test('waits no longer for GitHub than it may', async () => {
    const never = new GitHubDeployments({ api: github.environment.GITHUB_API_URL ?? '', token: 'token', patience: 1 });
    const places = placesOf(birch('first'), PLATFORM, () => undefined);
    expect((await tellGitHub(wantedDeployments(PLATFORM, places), never)).stopped).toContain('does not answer');
  });

  test('makes no command and no Markdown of what GitHub says', async () => {
    answering('acme/apiserver', { status: 404, body: { message: '\n::error::x `y` <b>@all' } });
    const told = await tell(birch('first'));
    expect(toldWarning(told)?.split('\n')).toHaveLength(1);
    expect(toldSummary(told)).not.toMatch(/^::/m);
    expect(toldSummary(told)).toMatch(/`` GitHub refuses .*`y` <b>@all.* ``\n/);
  });
});
