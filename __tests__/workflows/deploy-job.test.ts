import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { publish } from '../../local/publish';
import { unhealthyCommit } from '../../local/unhealthy-image';
import { Checkout } from '../e2e/checkout';
import { FakeGitHub } from './fake-github';
import { GitRepository } from './git-repository';
import { type JobRun, runJob } from './job-run';
import { filledIn, type Job, readWorkflow } from './workflow-files';

const OWN = 500;
const deploy = readWorkflow('.github/workflows/deploy-environment.yml').jobs.deploy as Job;
const DEPLOY = 'Deploy the operator, then the tenants';
const HAND_OVER = 'Hand over what every tenant has converged on';
const FETCH = 'Fetch what the environment before this one has converged on';
const STAGING = 'local/platform.yaml';
const PRODUCTION = 'local/production.yaml';

/** The steps of the deploy job as they stand in the workflow, in order, on a real platform. */
describe('the deploy job', () => {
  let checkout: Checkout;
  let github: FakeGitHub;
  let repository: GitRepository;
  beforeAll(async () => {
    github = await FakeGitHub.start(() => checkout.root);
    checkout = await Checkout.create();
    await checkout.start();
    repository = new GitRepository(checkout.root);
    waitFor(75);
  });
  afterAll(async () => {
    github?.close();
    await checkout?.remove();
  });

  /** The files as they are now become the newest commit of the branch, of which CI says this. */
  const merge = (subject: string, ci: string | null = 'success'): string => {
    const head_sha = repository.commit(subject);
    github.ci = [...github.ci, { id: github.ci.length + 1, head_sha, conclusion: ci }];
    return head_sha;
  };
  /** For how many seconds "verify" waits from now on. */
  const waitFor = (seconds: number) => {
    const file = checkout.read(STAGING);
    checkout.write(STAGING, file.replace(/attempts: \d+, interval: \d+/, `attempts: ${seconds}, interval: 1`));
    merge(`Wait for ${seconds} seconds`);
  };
  /** What CI says of a commit from now on. */
  const ciEnds = (sha: string, conclusion: string) => {
    github.ci = github.ci.map((one) => (one.head_sha === sha ? { ...one, conclusion } : one));
  };

  const clusterOf = ({ platform: { record } }: Checkout) => ({
    KUBECONFIG: record.kubernetes.kubeconfig,
    KUBE_CONFIG_PATH: record.kubernetes.kubeconfig,
    TENANTRY_INGRESS: record.gateway.endpoint,
  });
  interface Environment {
    readonly platform: string;
    /** Where its cluster is. Default: staging's. */
    readonly of?: Checkout;
    readonly converged?: string;
    /** The artifact of that name. */
    readonly lock?: string;
  }

  const run = async (
    event_name: string,
    grace = '30',
    { platform, of = checkout, converged = '', lock }: Environment = { platform: STAGING },
  ): Promise<JobRun> => {
    rmSync(join(checkout.root, 'run'), { recursive: true, force: true });
    const done = await runJob(deploy, checkout, {
      contexts: {
        github: {
          event_name,
          event: { repository: { default_branch: 'main' } },
          token: 'token',
          server_url: 'https://github.com',
          repository: 'acme/platform',
          run_id: String(OWN),
          run_attempt: '1',
        },
        vars: {
          AWS_REGION: 'eu-central-1',
          TENANTRY_SLACK: 'true',
          TENANTRY_SLACK_SUCCESS: 'true',
          TENANTRY_DEPLOYMENTS_APP_CLIENT_ID: 'Iv1',
          TENANTRY_GRACE: grace,
          TENANTRY_DEPLOYER_ROLE: '',
        },
        secrets: { TENANTRY_SLACK_WEBHOOK: 'https://slack', TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY: 'key' },
        inputs: { platform, converged },
      },
      env: {
        ...github.environment,
        ...clusterOf(of),
        GITHUB_EVENT_NAME: event_name,
        GITHUB_RUN_ID: String(OWN),
      },
      // The packages are there.
      without: ['Install packages'],
      actionOutputs: { 'Get a token for deployments': { token: 'token' } },
      actions: {
        'Check out that commit': ({ ref = '' }) => {
          repository.git('checkout', '--quiet', '--force', '--detach', ref);
        },
        [FETCH]: () => cpSync(lock ?? 'no artifact', join(checkout.root, 'before/converged.lock.json')),
      },
    });
    repository.git('checkout', '--quiet', '--force', 'main');
    return done;
  };
  const replicas = async () =>
    (await checkout.tenants()).globex?.spec.services.find(({ name }) => name === 'apiserver')?.replicas;
  /** The job's output. */
  const handedOver = ({ outcomes }: JobRun) =>
    filledIn(deploy.outputs?.converged ?? '', {
      steps: { converged: { outcome: outcomes[HAND_OVER] } },
      github: { run_attempt: '1' },
      inputs: { platform: STAGING },
    });
  const slackText = ({ given }: JobRun) => JSON.parse(given['Tell Slack']?.payload ?? '{}').text as string;
  const lies = (path: string | undefined) => existsSync(join(checkout.root, path ?? 'nowhere'));

  let untested: string;
  let converged: string;

  test('deploys the newest commit that CI passed, and says what changed, what is newer, and which dispatches it stands for', async () => {
    const passed = repository.git('rev-parse', 'HEAD');
    checkout.edit('local/tenants/globex.yaml', 'replicas: 3', 'replicas: 4');
    untested = merge('More pods for globex', null);
    const first = await checkout.publish('web-client');
    const second = await checkout.publish('web-client');
    const dispatched = (id: number, commit: string, conclusion: string | null) => ({
      id,
      event: 'repository_dispatch',
      display_title: `image-pushed web-client releases/0.0.2 ${commit}`,
      conclusion,
    });
    github.deploys = [
      dispatched(OWN, second.commit, null),
      { ...dispatched(OWN - 1, first.commit, 'skipped'), event: 'workflow_run', display_title: 'ci failure for abc' },
      dispatched(OWN - 2, first.commit, 'cancelled'),
      dispatched(OWN - 3, 'e'.repeat(40), 'success'),
    ];
    const done = await run('repository_dispatch');

    expect(done.outcomes).toMatchObject({ 'Pin the images': 'success', [DEPLOY]: 'success', Verify: 'success' });
    expect(done.status).toBe('success');
    expect(done.given['Check out that commit']?.ref).toBe(passed);
    expect(await replicas()).toBe(3);
    expect(done.summary).toContain(`commit \`${passed}\``);
    expect(done.summary).toMatch(
      new RegExp(`\\[\`${untested.slice(0, 7)}\`\\]\\(https.*/runs/2\\) \`More pods for globex\`: its CI still runs`),
    );
    expect(github.asked.join('\n')).toContain('deploy-tenants.yml/runs?branch=main&');
    expect(done.summary).toContain('✅ Deployed: Every tenant is on the images of this run');
    expect(done.summary).toContain('This run stands for 1 that waited and did not have to run');
    expect(done.summary).toContain(`announced \`${first.commit}\`, and ECR has \`${second.commit}\` by now`);
    expect(done.summary).toContain(second.commit.slice(0, 12));
    expect(slackText(done)).toMatch(/\*Deployed\* \(local\).*\n> web-client <https.*> in canary, general: 3 tenants\n/);
    expect(github.deployments.shown('acme/web-client', 'local/canary')).toEqual([`${second.commit} success`]);
    expect(github.deployments.shown('acme/web-client', 'local/general')).toEqual([`${second.commit} success`]);
    for (const kept of [HAND_OVER, 'Keep the lock', 'Keep the plan', 'Keep the page of the fleet']) {
      expect([kept, lies(done.given[kept]?.path)]).toEqual([kept, true]);
    }
    expect(new Set(Object.values(await checkout.digests()))).toContain(second.digest);
  });

  test('deploys a commit when its CI has passed, and never one whose CI failed', async () => {
    checkout.edit('local/tenants/globex.yaml', 'replicas: 4', 'replicas: 5');
    const broken = merge('Too many pods', 'failure');
    ciEnds(untested, 'success');
    github.deploys = [
      { id: OWN, event: 'workflow_run', display_title: `ci success for ${untested}`, conclusion: null },
    ];
    const done = await run('workflow_run');

    expect(done.status).toBe('success');
    expect(done.given['Check out that commit']?.ref).toBe(untested);
    expect(await replicas()).toBe(4);
    converged = handedOver(done);
    expect(converged).toBe(done.given[HAND_OVER]?.name);
    expect(done.summary).toMatch(new RegExp(`\`${broken.slice(0, 7)}\`.* \`Too many pods\`: its CI failed`));
    expect(done.summary).not.toContain('More pods for globex');
    checkout.edit('local/tenants/globex.yaml', 'replicas: 5', 'replicas: 4');
    merge('Not so many pods');
  });

  describe('of production', () => {
    /** With its cluster. */
    let other: Checkout;
    /** Handed over by the test before. */
    let lock: string;
    beforeAll(async () => {
      other = await Checkout.create();
      lock = join(other.root, 'handed-over.lock.json');
      cpSync(join(checkout.root, 'run/converged.lock.json'), lock);
      await other.start();
      cpSync(join(checkout.root, 'local/tenants'), join(checkout.root, 'local/production'), { recursive: true });
      const production = checkout
        .read(STAGING)
        .replace('name: local', 'name: production\nafter: platform.yaml')
        .replace('../.local/kubeconfig', other.platform.record.kubernetes.kubeconfig)
        .replace('tenants: tenants', 'tenants: production');
      checkout.write(PRODUCTION, production);
      merge('A platform file for production');
      const env = { PLATFORM: PRODUCTION, CONVERGED: lock, ...clusterOf(other) };
      const { exitCode, output } = await checkout.run('npx cdktf deploy operator --auto-approve', { as: 'admin', env });
      expect([output, exitCode]).toEqual([output, 0]);
    }, 10 * 60_000);
    afterAll(() => other?.remove());

    test('pins exactly what staging has converged on, whatever was pushed since', async () => {
      const onStaging = await checkout.digests();
      const newer = await checkout.publish('web-client');
      expect(await other.digests()).not.toEqual(onStaging);
      const done = await run('repository_dispatch', '30', { platform: PRODUCTION, of: other, converged, lock });

      expect(done.outcomes).toMatchObject({ [FETCH]: 'success', [DEPLOY]: 'success', Verify: 'success' });
      expect(done.output).toContain('images: what local/platform.yaml has converged on');
      expect(await other.digests()).toEqual(onStaging);
      expect(Object.values(onStaging)).not.toContain(newer.digest);
      expect(await checkout.digests()).toEqual(onStaging);
    });

    test('keeps its images where staging did not converge, and deploys its files all the same; it says so', async () => {
      const before = await other.digests();
      checkout.edit('local/production/globex.yaml', 'replicas: 4', 'replicas: 2');
      merge('Fewer pods for globex in production');
      const done = await run('schedule', '30', { platform: PRODUCTION, of: other });

      expect(done.outcomes).toMatchObject({ [FETCH]: 'skipped', [DEPLOY]: 'success', Verify: 'success' });
      expect(await other.digests()).toEqual(before);
      const { services } = (await other.tenants()).globex?.spec ?? { services: [] };
      expect(services.find(({ name }) => name === 'apiserver')?.replicas).toBe(2);
      expect(done.summary).toMatch(
        /\*\*Not taken yet\*\*\n\n- `apiserver .*, web-client releases\/0\.0\.2: what runs here stays, since this run was not told that every tenant of local\/platform\.yaml has converged`/,
      );
    });
  });

  test('deploys nothing where GitHub does not say which commits passed, and says that this may heal by itself', async () => {
    const before = await checkout.digests();
    github.instead = (path) => (path.endsWith('/ci.yml/runs') ? { status: 503, body: '' } : undefined);
    const done = await run('schedule');
    github.instead = () => undefined;

    expect(done.status).toBe('failure');
    const ran = Object.entries(done.outcomes).filter(([, outcome]) => outcome !== 'skipped');
    expect(ran).toEqual([
      ['Set up Node.js', 'success'],
      ['Find the newest commit that CI passed', 'failure'],
      ['Tell Slack', 'success'],
    ]);
    expect(slackText(done)).toContain('*May heal by itself*: Nothing was deployed: GitHub did not say');
    expect(await checkout.digests()).toEqual(before);
  });

  test('says of an image that is not there that it may still be building, and where to look; nothing is deployed', async () => {
    const before = await checkout.digests();
    const file = checkout.read('local/tenants/globex.yaml');
    checkout.write('local/tenants/globex.yaml', `${file}release: releases/0.0.9\n`);
    merge('A release that is not there');
    const done = await run('repository_dispatch');
    checkout.write('local/tenants/globex.yaml', file);
    merge('The release that is there');

    expect(done.outcomes).toMatchObject({ 'Pin the images': 'failure', Plan: 'skipped', [DEPLOY]: 'skipped' });
    expect(done.outputs.report?.kind).toBe('waiting');
    expect(done.summary).toContain(
      '⏳ Heals by itself: Nothing was deployed: 3 images are still building, or never built',
    );
    expect(done.output).toMatch(/^::warning title=Heals by itself%3A /m);
    expect(slackText(done)).toContain('https://github.com/acme/web-client/actions?query=branch%3Areleases%2F0.0.9');
    expect(done.outcomes['Keep the lock']).toBe('skipped');
    expect(await checkout.digests()).toEqual(before);
  });

  test('refuses an image that nobody attested: nothing is deployed, and the next one that is attested heals it', async () => {
    const before = await checkout.digests();
    const { registry, platform } = checkout.platform;
    const { digest } = await publish(registry, { service: 'web-client', release: platform.release, attest: false });
    const done = await run('repository_dispatch');

    expect(done.outcomes).toMatchObject({ 'Pin the images': 'failure', [DEPLOY]: 'skipped' });
    expect(done.outputs.report?.kind).toBe('person');
    expect(done.summary).toContain('Nothing was deployed: 1 image cannot be deployed as it is');
    expect(done.summary).toContain(digest);
    expect(await checkout.digests()).toEqual(before);
    await checkout.publish('web-client');
  });

  test('says of a ring that does not get well that a person is needed, and which tenant and service it is', async () => {
    const { registry, platform } = checkout.platform;
    const commit = unhealthyCommit('pods');
    await publish(registry, { service: 'apiserver', release: platform.release, commit });
    waitFor(20);
    const done = await run('repository_dispatch');
    waitFor(75);

    expect(done.outcomes).toMatchObject({ Plan: 'success', [DEPLOY]: 'success', Verify: 'failure' });
    expect(done.outputs.report?.kind).toBe('person');
    expect(done.summary).toContain(
      '🚨 A person is needed: Tenants did not get well on what the run gave them; the rings behind them keep what they run',
    );
    expect(slackText(done)).toMatch(/Not converged.*: 3 of 3 tenants, of which 2 wait for others/);
    expect(slackText(done)).toMatch(/northwind \(canary\) is stuck at .*apiserver/);
    expect(slackText(done)).toContain(':rotating_light: *A person is needed* (local)');
    expect(done.given['Keep the lock']).toBeDefined();
    const [canary] = github.deployments.shown('acme/apiserver', 'local/canary');
    expect(canary).toMatch(new RegExp(`^${commit} (failure|in_progress)$`));
    expect(github.deployments.shown('acme/apiserver', 'local/general')[0]).toBe(`${commit} queued`);
  });

  test('of the schedule is red where it healed everything and nobody had told it: dispatching is broken', async () => {
    const { commit } = await checkout.publish('apiserver');
    github.deploys = [{ id: OWN, event: 'schedule', display_title: 'schedule of abc', conclusion: null }];
    const done = await run('schedule', '0');

    expect(done.outcomes).toMatchObject({ [DEPLOY]: 'success', Verify: 'success', Report: 'failure' });
    expect(done.status).toBe('failure');
    expect(done.outputs.report?.kind).toBe('good');
    expect(done.output).toMatch(
      new RegExp(`^::error title=Dispatching is broken.*::apiserver releases/0.0.2 ${commit}, pushed `, 'm'),
    );
    expect(slackText(done)).toContain('Dispatching is broken');
    expect(lies(done.given['Keep the lock']?.path)).toBe(true);
    for (const environment of ['local/canary', 'local/general']) {
      const [newest, ...former] = github.deployments.shown('acme/apiserver', environment);
      expect([newest, ...former.filter((one) => !one.endsWith(' inactive'))]).toEqual([`${commit} success`]);
    }
  });

  test('of the schedule says what it had to make up for, and of the last ring, which nobody waits for, that it is not well', async () => {
    const { commit } = await checkout.publish('apiserver');
    const { registry } = checkout.platform;
    for (const service of ['web-client', 'tenant-auth']) await checkout.publish(service, 'releases/0.0.3');
    await publish(registry, { service: 'apiserver', release: 'releases/0.0.3', commit: unhealthyCommit('answers') });
    checkout.write(
      'local/tenants/initech.yaml',
      `${checkout.read('local/tenants/initech.yaml')}release: releases/0.0.3\nunproven: allow\n`,
    );
    merge('A newer release for initech');
    github.deploys = [{ id: OWN, event: 'schedule', display_title: 'schedule of abc', conclusion: null }];
    const done = await run('schedule', '0');

    expect(done.outcomes).toMatchObject({ [DEPLOY]: 'success', Verify: 'failure', Report: 'success' });
    expect(done.outputs.report?.kind).toBe('person');
    expect(done.summary).toContain('Everything was applied, and not every tenant got well on it');
    expect(done.output).toMatch(/^::error title=A person is needed%3A .*initech/m);
    expect(done.output).toMatch(
      new RegExp(`^::error title=Dispatching is broken.*::apiserver releases/0.0.2 ${commit}, pushed `, 'm'),
    );
    expect(slackText(done)).toContain('Dispatching is broken');
    expect(done.given['Keep the page of the fleet']).toBeDefined();
  });
});
