import type { Platform } from '../../lib/config/platform';
import { GITHUB } from '../../lib/doctor/github';
import { GitHubReader } from '../../lib/doctor/github-reader';
import { examine } from '../../lib/doctor/step';
import { gitHubOf } from '../../lib/run-report/github';
import { type Answers, OWN, SettledGitHub, settled, valued } from './settled-github';

const NOW = new Date('2026-11-27T00:00:00Z');
/** What an environment has in which nothing was set. */
const inEnvironment = (name: string): Answers => ({
  [`/environments/${name}/variables`]: valued({}),
  [`/environments/${name}/secrets`]: { total_count: 0, secrets: [] },
});
/** With variables beside those that all platforms have. */
const valuesOf = (repository: string, more: Record<string, string>): Answers => {
  const own = settled()[repository] as Record<string, { variables: { name: string; value: string }[] }>;
  const { variables = [] } = own['/actions/variables'] ?? {};
  return {
    '/actions/variables': valued({ ...Object.fromEntries(variables.map(({ name, value }) => [name, value])), ...more }),
  };
};
/** With somebody on the bypass list of the default branch's ruleset. */
const goesAround = (actor: object): Answers => ({ '/rulesets/1': { name: 'main', bypass_actors: [actor] } });
const rulesOf = (branch: string) =>
  settled()['acme/platform']?.[`/rules/branches/${branch}`] as { type: string; parameters?: object }[];
const without = (branch: string, type: string): Answers => ({
  [`/rules/branches/${branch}`]: rulesOf(branch).filter((rule) => rule.type !== type),
});
const reviewsWith = (parameters: object): Answers => ({
  '/rules/branches/main': rulesOf('main').map((rule) =>
    rule.type === 'pull_request' ? { ...rule, parameters: { ...rule.parameters, ...parameters } } : rule,
  ),
});
const NAMES = GITHUB.map(({ name }) => name);

describe('what tenantry doctor asks GitHub', () => {
  let fake: SettledGitHub;
  beforeAll(async () => {
    fake = await SettledGitHub.start();
  });
  afterAll(() => fake?.close());
  beforeEach(() => {
    fake.repositories = settled();
    fake.instead = undefined;
    fake.asked.length = 0;
  });

  const ask = async (changes: Partial<Platform> = {}, token: string | undefined = 'token', local = false) => {
    const github = new GitHubReader(gitHubOf({ GITHUB_API_URL: fake.api, GITHUB_TOKEN: token }));
    const steps = await examine('GitHub', { platform: { ...OWN, ...changes }, github, now: NOW, local }, GITHUB);
    return new Map(steps.map((step) => [step.step, step]));
  };
  /** Of the steps that are not done, with what they lack. */
  const undone = async (changes?: Partial<Platform>) =>
    [...(await ask(changes)).values()]
      .filter(({ outcome }) => !['done', 'not needed'].includes(outcome))
      .map(({ step, outcome, because }) => [step, outcome, because.join('\n')]);
  const own = (changes: Answers) => Object.assign(fake.repositories['acme/platform'] as Answers, changes);

  test('is done where all is set up, and nothing but questions is sent', async () => {
    expect(await undone()).toEqual([]);
    expect(fake.asked.filter((one) => !one.startsWith('GET '))).toEqual([]);
    expect(new Set(fake.asked).size).toBe(fake.asked.length);
  });

  test.each<[string, string, Answers, string]>([
    [
      'another default branch',
      'Repository',
      { '': { ...(settled()['acme/platform']?.[''] as object), default_branch: 'trunk' } },
      'default branch is trunk',
    ],
    [
      'a young repository without its ids',
      'Repository',
      { '': { ...(settled()['acme/platform']?.[''] as object), created_at: '2026-08-01T00:00:00Z' } },
      'write acme@1/platform@7 in the platform file',
    ],
    [
      'a subject of its own',
      'Repository',
      { '/actions/oidc/customization/sub': { use_default: false } },
      'was customised',
    ],
    [
      'no environment',
      "Environment of the App's key",
      { '/environments/dispatch': undefined },
      'there is no environment dispatch of acme/platform',
    ],
    [
      'an environment for every branch',
      "Environment of the App's key",
      { '/environments/dispatch': { deployment_branch_policy: null } },
      'any branch may use the environment dispatch of acme/platform: limit it to main',
    ],
    [
      'one for protected branches, which releases are too',
      "Environment of the App's key",
      { '/environments/dispatch': { deployment_branch_policy: { custom_branch_policies: false } } },
      'is for branch every protected branch',
    ],
    [
      'one for a tag of that name',
      "Environment of the App's key",
      {
        '/environments/dispatch/deployment-branch-policies': {
          total_count: 1,
          branch_policies: [{ name: 'main', type: 'tag' }],
        },
      },
      'is for tag main, and should be for main alone',
    ],
    [
      'one for releases too',
      "Environment of the App's key",
      {
        '/environments/dispatch/deployment-branch-policies': {
          total_count: 2,
          branch_policies: [{ name: 'main' }, { name: 'releases/*' }],
        },
      },
      'is for branch main, branch releases/*',
    ],
    [
      'no key',
      "Environment of the App's key",
      { '/environments/dispatch/secrets': { total_count: 0, secrets: [] } },
      'gh secret set TENANTRY_APP_PRIVATE_KEY --env dispatch --repo acme/platform',
    ],
    [
      'a key that every branch gets',
      "Environment of the App's key",
      { '/actions/secrets': { total_count: 1, secrets: [{ name: 'TENANTRY_APP_PRIVATE_KEY' }] } },
      'every branch of acme/platform gets the secret',
    ],
    [
      'the key in the organisation',
      "Environment of the App's key",
      { '/actions/organization-secrets': { total_count: 1, secrets: [{ name: 'TENANTRY_APP_PRIVATE_KEY' }] } },
      'every branch of acme/platform gets the secret',
    ],
    [
      'a role of another account',
      'Variables and secrets',
      { '/actions/variables': valued({ TENANTRY_PLANNER_ROLE: 'arn:aws:iam::999999999999:role/x' }) },
      '--body arn:aws:iam::123456789012:role/acme-planner',
    ],
    [
      'Slack without its webhook',
      'Variables and secrets',
      valuesOf('acme/platform', { TENANTRY_SLACK: 'TRUE' }),
      'no secret TENANTRY_SLACK_WEBHOOK: gh secret set TENANTRY_SLACK_WEBHOOK --repo acme/platform',
    ],
    [
      'a switch that is neither on nor off',
      'Variables and secrets',
      valuesOf('acme/platform', { TENANTRY_SLACK_SUCCESS: 'yes' }),
      'TENANTRY_SLACK_SUCCESS is yes, which is neither true nor false: gh variable set TENANTRY_SLACK_SUCCESS --repo acme/platform --body true',
    ],
    [
      'a grace that is no number',
      'Variables and secrets',
      valuesOf('acme/platform', { TENANTRY_GRACE: '5m' }),
      'TENANTRY_GRACE is 5m, and must be a whole number of minutes, or no run is reported: gh variable set TENANTRY_GRACE --repo acme/platform --body 5',
    ],
    [
      'a grace as long as the schedule',
      'Variables and secrets',
      valuesOf('acme/platform', { TENANTRY_GRACE: '30' }),
      'TENANTRY_GRACE is 30, and must be less than the 30 of the schedule',
    ],
    [
      'a default branch that anybody pushes to',
      'Rules of the default branch',
      { '/rules/branches/main': [] },
      'on main, no active ruleset keeps what nobody reviewed from being pushed',
    ],
    [
      'pull requests that nobody reviews',
      'Rules of the default branch',
      {
        '/rules/branches/main': [
          { type: 'pull_request', ruleset_id: 1, parameters: { required_approving_review_count: 0 } },
        ],
      },
      'no active ruleset keeps what nobody reviewed',
    ],
    [
      'an App that goes around the rules',
      'Rules of the default branch',
      { '/rulesets/1': { name: 'main', bypass_actors: [{ actor_type: 'Integration' }] } },
      'may be gone around by an App or a deploy key: take them off the "Bypass list" of the ruleset "main"',
    ],
    [
      'everybody who may push, who goes around the review',
      'Rules of the default branch',
      goesAround({ actor_type: 'RepositoryRole', actor_id: 4, bypass_mode: 'always' }),
      'on main, what keeps what nobody reviewed from being pushed may be gone around by everybody with write access (the role "write"): take them off the "Bypass list" of the ruleset "main"',
    ],
    [
      'everybody who may push, who merges alone',
      'Rules of the default branch',
      goesAround({ actor_type: 'RepositoryRole', actor_id: 4, bypass_mode: 'pull_request' }),
      'everybody with write access',
    ],
    [
      "a role of the organisation's own that goes around the review",
      'Rules of the default branch',
      goesAround({ actor_type: 'RepositoryRole', actor_id: 1234, bypass_mode: 'always' }),
      'gone around by whoever has a role below "maintain" (the role 1234)',
    ],
    [
      'reviews of what was pushed before',
      'Rules of the default branch',
      reviewsWith({ dismiss_stale_reviews_on_push: false }),
      'on main, no active ruleset dismisses a review when more is pushed ("dismiss_stale_reviews_on_push"): add it by the command in docs/set-up.md',
    ],
    [
      'a last push that nobody else approved',
      'Rules of the default branch',
      reviewsWith({ require_last_push_approval: false }),
      'no active ruleset has the last push approved by somebody else than who pushed it ("require_last_push_approval")',
    ],
    [
      'a default branch that is pushed to by force',
      'Rules of the default branch',
      without('main', 'non_fast_forward'),
      'on main, no active ruleset keeps its commits from being replaced by force ("non_fast_forward")',
    ],
    [
      'releases that are pushed to by force',
      'Rules of releases',
      without('releases/of-any-name', 'non_fast_forward'),
      'no active ruleset keeps its commits from being replaced by force',
    ],
    [
      'releases that anybody deletes',
      'Rules of releases',
      without('releases/of-any-name', 'deletion'),
      'no active ruleset keeps such branches from being deleted',
    ],
    [
      'releases that anybody makes',
      'Rules of releases',
      { '/rules/branches/releases/of-any-name': [{ type: 'update', ruleset_id: 2 }] },
      'no active ruleset keeps such branches from being made',
    ],
    [
      'releases that anybody pushes to',
      'Rules of releases',
      { '/rules/branches/releases/of-any-name': [{ type: 'creation', ruleset_id: 2 }] },
      'no active ruleset keeps what nobody reviewed',
    ],
    [
      'a deploy key that makes releases',
      'Rules of releases',
      { '/rulesets/2': { name: 'releases', bypass_actors: [{ actor_type: 'DeployKey' }] } },
      'by an App or a deploy key: take them off the "Bypass list" of the ruleset "releases"',
    ],
    [
      'a workflow that is disabled',
      'Workflows',
      {
        '/actions/workflows': {
          total_count: 1,
          workflows: [{ path: '.github/workflows/deploy-tenants.yml', state: 'disabled_inactivity' }],
        },
      },
      'deploy-tenants.yml is disabled_inactivity, after 60 days without a commit: gh workflow enable deploy-tenants.yml --repo acme/platform',
    ],
    [
      'a commit of 47 days ago',
      'Schedule',
      { '/commits/main': { commit: { committer: { date: '2026-10-11T00:00:00Z' } } } },
      'the last commit is 47 days old',
    ],
  ])('finds %s', async (_, step, changes, text) => {
    own(changes);
    const found = (await undone()).filter(([name]) => name === step);
    expect(found).toEqual([[step, 'not done', expect.stringContaining(text)]]);
  });

  test('does not mind a rule that an App goes around, where another rule holds it', async () => {
    own({
      '/rules/branches/releases/of-any-name': ['creation', 'update', 'deletion', 'non_fast_forward'].flatMap((type) => [
        { type, ruleset_id: 1 },
        { type, ruleset_id: 2 },
      ]),
      '/rulesets/1': { name: 'main', bypass_actors: [{ actor_type: 'Integration' }] },
    });
    const found = (await ask()).get('Rules of releases');
    expect(found?.outcome).toBe('done');
  });

  test('takes those for people who maintain or administer, a team and an owner', async () => {
    own({
      '/rulesets/1': {
        name: 'main',
        bypass_actors: [
          { actor_type: 'RepositoryRole', actor_id: 2 },
          { actor_type: 'RepositoryRole', actor_id: 5 },
          { actor_type: 'Team', actor_id: 4 },
          { actor_type: 'OrganizationAdmin', actor_id: 1 },
          { actor_type: 'EnterpriseOwner', actor_id: null },
        ],
      },
    });
    expect(await undone()).toEqual([]);
  });

  test('reads every page of what holds for a branch', async () => {
    const others = Array.from({ length: 70 }, () => ({ ruleset_id: 3, type: 'required_linear_history' }));
    own({ '/rules/branches/main': [...others, ...rulesOf('main')] });
    expect(await undone()).toEqual([]);
  });

  test('does not take what it read of a list without an end for all of it', async () => {
    fake.instead = (path) =>
      path.endsWith('/rules/branches/main')
        ? { status: 200, body: JSON.stringify([{ ruleset_id: 3, type: 'required_linear_history' }]) }
        : undefined;
    expect(await undone()).toEqual([
      ['Rules of the default branch', 'not known', expect.stringContaining('which rules hold for main to the end')],
    ]);
  });

  test('does not know who goes around a rule where GitHub tells administrators alone', async () => {
    own({ '/rulesets/2': { name: 'releases' } });
    expect(await undone()).toEqual([
      ['Rules of releases', 'not known', expect.stringContaining('administrators of the repository alone')],
    ]);
  });

  test('knows of no schedule that ends in a private repository, which must lend its workflows instead', async () => {
    own({
      '': { ...(settled()['acme/platform']?.[''] as object), private: true },
      '/commits/main': { commit: { committer: { date: '2020-01-01T00:00:00Z' } } },
      '/actions/permissions/access': { access_level: 'none' },
    });
    expect(await undone()).toEqual([
      ['Application repositories', 'not done', expect.stringContaining('lets nobody use its workflows')],
    ]);
  });

  test('looks at the environment of deploys, where there is one', async () => {
    own({
      '/environments/production': {
        deployment_branch_policy: null,
        protection_rules: [{ type: 'required_reviewers' }],
      },
    });
    own(inEnvironment('production'));
    const [[step, outcome, because] = []] = await undone({ environment: 'production' });
    expect([step, outcome]).toEqual(['Environment of deploys', 'not done']);
    expect(because).toContain('any branch may use the environment production of acme/platform: limit it to main');
    expect(because).toContain('runs wait in the environment production of acme/platform (required_reviewers)');
  });

  test('takes the values of the environment of deploys before those of the repository, and the names that several environments need', async () => {
    const environment = {
      deployment_branch_policy: { custom_branch_policies: true },
      protection_rules: [{ type: 'branch_policy' }],
    };
    const variables = (values: Record<string, string>) => ({ '/environments/staging/variables': valued(values) });
    own({
      ...inEnvironment('staging'),
      '/environments/staging': environment,
      '/environments/staging/deployment-branch-policies': { total_count: 1, branch_policies: [{ name: 'main' }] },
      '/environments/staging/secrets': {
        total_count: 1,
        secrets: [{ name: 'TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY' }],
      },
      ...variables({
        TENANTRY_DEPLOYER_ROLE: 'arn:aws:iam::123456789012:role/acme-deployer',
        TENANTRY_DEPLOYMENTS_APP_CLIENT_ID: 'Iv23def',
      }),
      '/actions/variables': valued({
        TENANTRY_DEPLOYER_ROLE: 'arn:aws:iam::123456789012:role/of-production',
        TENANTRY_PLANNER_ROLE_STAGING: 'arn:aws:iam::123456789012:role/acme-planner',
        TENANTRY_PLANNER_ROLE_PRODUCTION: 'arn:aws:iam::123456789012:role/production-planner',
        TENANTRY_PUSH_OPERATOR_ROLE: 'arn:aws:iam::123456789012:role/acme-push-operator',
      }),
      '/rules/branches/main': [
        { ruleset_id: 1, type: 'update' },
        { ruleset_id: 1, type: 'non_fast_forward' },
        {
          ruleset_id: 1,
          type: 'required_status_checks',
          parameters: { required_status_checks: [{ context: 'plan (staging)' }, { context: 'test' }] },
        },
      ],
    });
    expect(await undone({ environment: 'staging' })).toEqual([]);

    own({ ...variables({}), '/environments/staging/secrets': { total_count: 0, secrets: [] } });
    expect(await undone({ environment: 'staging' })).toEqual([
      [
        'Variables and secrets',
        'not done',
        'TENANTRY_DEPLOYER_ROLE of acme/platform is arn:aws:iam::123456789012:role/of-production: gh variable set TENANTRY_DEPLOYER_ROLE --env staging --repo acme/platform --body arn:aws:iam::123456789012:role/acme-deployer',
      ],
    ]);
    own({ '/actions/variables': valued({}) });
    expect((await ask({ environment: 'staging' })).get('Variables and secrets')?.because).toContain(
      'acme/platform has no variable TENANTRY_PLANNER_ROLE_STAGING, nor TENANTRY_PLANNER_ROLE; it is the one that review.yml reads: gh variable set TENANTRY_PLANNER_ROLE_STAGING --repo acme/platform --body arn:aws:iam::123456789012:role/acme-planner',
    );
    own(variables({ TENANTRY_DEPLOYMENTS_APP_CLIENT_ID: 'Iv23def' }));
    expect((await ask({ environment: 'staging' })).get('Variables and secrets')?.because).toContain(
      'there is TENANTRY_DEPLOYMENTS_APP_CLIENT_ID, and no secret TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY: gh secret set TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY --env staging --repo acme/platform < key.pem',
    );
  });

  test('finds an operator that nobody attests, where the platform file wants that', async () => {
    own(valuesOf('acme/platform', { TENANTRY_ATTEST: 'False' }));
    expect(await undone()).toEqual([]);
    expect(await undone({ operator: { ...OWN.operator, provenance: 'required' } })).toEqual([
      [
        'Variables and secrets',
        'not done',
        'TENANTRY_ATTEST is false, and the platform file wants the operator\'s image attested ("provenance: required"), so none is deployed: gh variable set TENANTRY_ATTEST --repo acme/platform --body true, or say "operator: { provenance: unchecked }" in the platform file',
      ],
    ]);
  });

  test('finds what the environment of deploys has and other workflows need, and what every branch has and it needs alone', async () => {
    for (const answers of Object.values(fake.repositories)) {
      answers['/actions/organization-variables'] = valued({ TENANTRY_APP_CLIENT_ID: 'Iv23abc' });
    }
    for (const name of ['apiserver', 'worker']) {
      const own = valuesOf(`acme/${name}`, { AWS_REGION: 'eu-central-1' });
      Object.assign(fake.repositories[`acme/${name}`] as Answers, own);
    }
    own({
      ...inEnvironment('production'),
      '/environments/production': settled()['acme/platform']?.['/environments/dispatch'],
      '/environments/production/deployment-branch-policies': { total_count: 1, branch_policies: [{ name: 'main' }] },
      '/environments/production/variables': valued({ AWS_REGION: 'eu-central-1', TENANTRY_GRACE: '5m' }),
      '/actions/secrets': { total_count: 1, secrets: [{ name: 'TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY' }] },
    });
    const [[step, outcome, because] = []] = await undone({ environment: 'production' });
    expect([step, outcome, because?.split('\n')]).toEqual([
      'Variables and secrets',
      'not done',
      [
        'AWS_REGION is in the environment production alone, and review and release-operator read that of the repository: gh variable set AWS_REGION --repo acme/platform --body eu-central-1',
        expect.stringContaining('gh variable set TENANTRY_GRACE --env production --repo acme/platform --body 5'),
        'every branch of acme/platform gets the secret TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY: delete it, and give a new key to the environment production alone: gh secret delete TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY --repo acme/platform && gh secret set TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY --env production --repo acme/platform < key.pem',
      ],
    ]);
  });

  test('finds an application repository whose App is another', async () => {
    Object.assign(
      fake.repositories['acme/worker'] as Answers,
      valuesOf('acme/worker', { TENANTRY_APP_CLIENT_ID: 'Iv99other' }),
    );
    expect(await undone()).toEqual([
      [
        'Application repositories',
        'not done',
        'TENANTRY_APP_CLIENT_ID of acme/worker is Iv99other: gh variable set TENANTRY_APP_CLIENT_ID --repo acme/worker --body Iv23abc',
      ],
    ]);
  });

  test('names what each application repository lacks, and goes on where it may not see one', async () => {
    Object.assign(fake.repositories['acme/worker'] as Answers, { '/actions/variables': valued({}) });
    delete fake.repositories['acme/apiserver'];
    const [[step, outcome, because] = []] = await undone();
    expect([step, outcome]).toEqual(['Application repositories', 'not done']);
    expect(because).toContain(
      'gh variable set TENANTRY_PUSH_ROLE --repo acme/worker --body arn:aws:iam::123456789012:role/acme-push-worker',
    );
    expect(because).toContain('GitHub refuses to say what acme/apiserver is (404)');
  });

  const APP = { client_id: 'Iv23abc', repository_selection: 'selected', permissions: { contents: 'write' } };
  const installed = (...installations: object[]) => ({ total_count: installations.length, installations });

  test('finds an App that is suspended, and one behind many others', async () => {
    const before = fake.installations;
    const others = Array.from({ length: 70 }, (_, index) => ({ ...APP, client_id: `Iv${index}` }));
    fake.installations = installed(...others, APP);
    expect(await undone()).toEqual([]);
    const html_url = 'https://github.com/organizations/acme/settings/installations/5';
    fake.installations = installed({ ...APP, suspended_at: '2026-10-01T00:00:00Z', html_url });
    expect(await undone()).toEqual([
      [
        'App',
        'not done',
        `the App is suspended since 2026-10-01T00:00:00Z, and gets no token: "Unsuspend" at ${html_url}`,
      ],
    ]);
    fake.installations = before;
  });

  test('knows what the App may do, where an owner of the organisation asks', async () => {
    const before = fake.installations;
    fake.installations = installed({
      ...APP,
      repository_selection: 'all',
      permissions: { contents: 'write', workflows: 'write' },
    });
    const [[, , because = ''] = []] = await undone();
    expect(because).toContain('may do more than to dispatch: workflows');
    expect(because).toContain('installed on every repository');
    fake.installations = undefined;
    expect(await undone()).toEqual([
      ['App', 'not known', expect.stringContaining('which it tells an owner alone (404)')],
    ]);
    fake.installations = before;
  });

  const HTML = { status: 200, body: '<html>' };
  test.each([
    ['is down', { status: 502, body: 'Bad Gateway' }],
    ['was asked too often', { status: 403, body: '{}', headers: { 'x-ratelimit-remaining': '0' } }],
    ['refuses', { status: 403, body: '{}' }],
    ['knows nothing', { status: 404, body: '{}' }],
    ['answers with a page', HTML],
    ['answers with null', { status: 200, body: 'null' }],
    ['answers with a list of anything', { status: 200, body: '[1, null, {"name": {}}]' }],
    ['answers with what is deep', { status: 200, body: '['.repeat(5_000) + ']'.repeat(5_000) }],
  ])('is not known, each step of it, where GitHub %s', async (_, answer) => {
    fake.instead = () => answer;
    const steps = [...(await ask()).values()].filter(({ outcome }) => outcome !== 'not needed');
    for (const { outcome, because } of steps) {
      expect(outcome).toBe('not known');
      expect(because.join('')).toMatch(/GitHub (did not say|refuses to say)/);
    }
    expect(steps).toHaveLength(NAMES.length - 1);
  });

  test('says that a token may help, where there is none', async () => {
    fake.instead = () => ({ status: 404, body: '{}' });
    const found = (await ask({}, '')).get('Workflows');
    expect(found?.because.join('')).toContain('GITHUB_TOKEN="$(gh auth token)"');
  });

  test('says that a token is not valid, and where that came from', async () => {
    fake.instead = () => ({ status: 401, body: '{}' });
    const found = (await ask()).get('Workflows');
    expect(found?.because.join('')).toContain('the token is wrong or has expired. It comes from GITHUB_TOKEN');
  });

  test('does not say a token that can be none', async () => {
    const found = [...(await ask({}, 'ghp_secret\nof a file')).values()];
    expect(found.map(({ outcome }) => outcome)).toContain('not known');
    expect(JSON.stringify(found)).not.toContain('ghp_secret');
    expect(fake.asked).toEqual([]);
  });

  test('asks nothing for the local platform', async () => {
    const steps = [...(await ask({}, 'token', true)).values()];
    expect(new Set(steps.map(({ outcome }) => outcome))).toEqual(new Set(['not needed']));
    expect(fake.asked).toEqual([]);
  });
});
