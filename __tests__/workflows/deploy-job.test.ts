import { existsSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { publish } from '../../local/publish';
import { unhealthyCommit } from '../../local/unhealthy-image';
import { Checkout } from '../e2e/checkout';
import { type JobRun, runJob } from './job-run';
import { type Job, readWorkflow } from './workflow-files';

const OWN = 500;
const deploy = readWorkflow('.github/workflows/deploy-tenants.yml').jobs.deploy as Job;
const DEPLOY = 'Deploy the operator, then the tenants';

interface Run {
  readonly id: number;
  readonly display_title: string;
  readonly event: string;
  readonly conclusion: string | null;
}

/** The steps of the deploy job as they stand in the workflow, in order, on a real platform. */
describe('the deploy job', () => {
  let checkout: Checkout;
  let github: Server;
  let runs: readonly Run[] = [];
  beforeAll(async () => {
    github = createServer((_, response) => {
      const workflow_runs = runs.map((run) => ({ ...run, html_url: `https://github.com/runs/${run.id}` }));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ workflow_runs }));
    }).listen(0, '127.0.0.1');
    checkout = await Checkout.create();
    await checkout.start();
    checkout.edit('local/platform.yaml', 'attempts: 45, interval: 2', 'attempts: 75, interval: 1');
  });
  afterAll(async () => {
    github?.close();
    await checkout?.remove();
  });

  const run = (event_name: string, grace = '30'): Promise<JobRun> => {
    rmSync(join(checkout.root, 'run'), { recursive: true, force: true });
    const api = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
    return runJob(deploy, checkout, {
      contexts: {
        github: {
          event_name,
          event: { repository: { default_branch: 'main' } },
          token: 'token',
          server_url: 'https://github.com',
          repository: 'acme/platform',
          run_id: String(OWN),
        },
        vars: { AWS_REGION: 'eu-central-1', TENANTRY_SLACK: 'true', TENANTRY_GRACE: grace, TENANTRY_DEPLOYER_ROLE: '' },
        secrets: { TENANTRY_SLACK_WEBHOOK: 'https://slack' },
        inputs: {},
      },
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: api,
        GITHUB_EVENT_NAME: event_name,
        GITHUB_REPOSITORY: 'acme/platform',
        GITHUB_RUN_ID: String(OWN),
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_WORKFLOW_REF: 'acme/platform/.github/workflows/deploy-tenants.yml@refs/heads/main',
      },
      // The packages are there.
      without: ['Install packages'],
    });
  };
  const slackText = ({ given }: JobRun) => JSON.parse(given['Tell Slack']?.payload ?? '{}').text as string;
  const lies = (path: string | undefined) => existsSync(join(checkout.root, path ?? 'nowhere'));

  test('deploys, and says what changed, which dispatches it stands for, and which images are newer than announced', async () => {
    const first = await checkout.publish('web-client');
    const second = await checkout.publish('web-client');
    const dispatched = (id: number, commit: string, conclusion: string | null) => ({
      id,
      event: 'repository_dispatch',
      display_title: `image-pushed web-client releases/0.0.2 ${commit}`,
      conclusion,
    });
    runs = [
      dispatched(OWN, second.commit, null),
      dispatched(OWN - 1, first.commit, 'cancelled'),
      dispatched(OWN - 2, 'e'.repeat(40), 'success'),
    ];
    const done = await run('repository_dispatch');

    expect(done.outcomes).toMatchObject({ 'Pin the images': 'success', [DEPLOY]: 'success', Verify: 'success' });
    expect(done.status).toBe('success');
    expect(done.summary).toContain('✅ Deployed: Every tenant is on the images of this run');
    expect(done.summary).toContain('This run stands for 1 that waited and did not have to run');
    expect(done.summary).toContain(`announced \`${first.commit}\`, and ECR has \`${second.commit}\` by now`);
    expect(done.summary).toContain(second.commit.slice(0, 12));
    expect(done.outcomes['Tell Slack']).toBe('skipped');
    for (const kept of ['Keep the lock', 'Keep the plan', 'Keep the page of the fleet']) {
      expect([kept, lies(done.given[kept]?.path)]).toEqual([kept, true]);
    }
    expect(new Set(Object.values(await checkout.digests()))).toContain(second.digest);
  });

  test('says of an image that is not there that it may still be building, and where to look; nothing is deployed', async () => {
    const before = await checkout.digests();
    const file = checkout.read('tenants/globex.yaml');
    checkout.write('tenants/globex.yaml', `${file}release: releases/0.0.9\n`);
    const done = await run('repository_dispatch');
    checkout.write('tenants/globex.yaml', file);

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

  test('says of a ring that does not get well that a person is needed, and which tenant and service it is', async () => {
    const { registry, platform } = checkout.platform;
    const commit = unhealthyCommit('pods');
    await publish(registry, { service: 'apiserver', release: platform.release, commit });
    const done = await run('repository_dispatch');

    expect(done.outcomes).toMatchObject({ Plan: 'success', [DEPLOY]: 'success', Verify: 'failure' });
    expect(done.outputs.report?.kind).toBe('person');
    expect(done.summary).toContain(
      '🚨 A person is needed: Tenants did not get well on what the run gave them; the rings behind them keep what they run',
    );
    expect(slackText(done)).toMatch(/Not converged.*: 3 of 3 tenants, of which 2 wait for others/);
    expect(slackText(done)).toMatch(/northwind \(canary\) is stuck at .*apiserver/);
    expect(slackText(done)).toContain(':rotating_light: *A person is needed* (local)');
    expect(done.given['Keep the lock']).toBeDefined();
  });

  test('of the schedule is red where it healed everything and nobody had told it: dispatching is broken', async () => {
    const { commit } = await checkout.publish('apiserver');
    runs = [{ id: OWN, event: 'schedule', display_title: 'schedule of abc', conclusion: null }];
    const done = await run('schedule', '0');

    expect(done.outcomes).toMatchObject({ [DEPLOY]: 'success', Verify: 'success', Report: 'failure' });
    expect(done.status).toBe('failure');
    expect(done.outputs.report?.kind).toBe('good');
    expect(done.output).toMatch(
      new RegExp(`^::error title=Dispatching is broken.*::apiserver releases/0.0.2 ${commit}, pushed `, 'm'),
    );
    expect(slackText(done)).toContain('Dispatching is broken');
    expect(lies(done.given['Keep the lock']?.path)).toBe(true);
  });

  test('of the schedule says what it had to make up for, and of the last ring, which nobody waits for, that it is not well', async () => {
    const { commit } = await checkout.publish('apiserver');
    const { registry } = checkout.platform;
    for (const service of ['web-client', 'tenant-auth']) await checkout.publish(service, 'releases/0.0.3');
    await publish(registry, { service: 'apiserver', release: 'releases/0.0.3', commit: unhealthyCommit('answers') });
    checkout.write(
      'tenants/initech.yaml',
      `${checkout.read('tenants/initech.yaml')}release: releases/0.0.3\nunproven: allow\n`,
    );
    runs = [{ id: OWN, event: 'schedule', display_title: 'schedule of abc', conclusion: null }];
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
