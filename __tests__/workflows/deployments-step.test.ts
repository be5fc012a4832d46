import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { GOOD_PLATFORM, load } from '../config/configuration-files';
import { deployed } from '../fleet/live-fleet';
import { ScriptedApiServer, send } from '../fleet/scripted-api-server';
import { FakeGitHub } from './fake-github';
import { type JobRun, runJob } from './job-run';
import { type Job, ROOT, readWorkflow } from './workflow-files';

const deploy = readWorkflow('.github/workflows/deploy-environment.yml').jobs.deploy as Job;
const CREDENTIALS = 'Become the deployer in AWS';
const TOKEN = 'Get a token for deployments';
const TELL = 'Tell the application repositories';
const told: Job = {
  ...deploy,
  steps: (deploy.steps ?? []).filter(({ name }) => [CREDENTIALS, TOKEN, TELL].includes(name)),
};

const OPERATOR_COMMIT = '4f0d2a6c9b1e8d7c5a3f4f0d2a6c9b1e8d7c5a3f';
const OPERATOR = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'tenantry-operator', namespace: 'tenantry-system', generation: 1 },
  spec: {
    replicas: 1,
    template: {
      metadata: { labels: { 'git.sha': OPERATOR_COMMIT } },
      spec: { containers: [{ image: 'r/o@sha256:a' }] },
    },
  },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
};

/** The steps as they stand in the workflow, before a cluster, a gateway and a GitHub that do what a test says. */
describe('the step that tells the application repositories', () => {
  let cluster: ScriptedApiServer;
  let github: FakeGitHub;
  let gateway: Server;
  let root: string;
  /** The hosts that do not answer well. */
  let unwell: readonly string[] = [];
  beforeEach(async () => {
    unwell = [];
    cluster = await ScriptedApiServer.start();
    cluster.groups = ['apps', 'tenantry.dev'];
    github = await FakeGitHub.start(() => root);
    gateway = createServer(({ headers: { host = '' } }, response) => {
      response.writeHead(unwell.includes(host) ? 503 : 200).end();
    });
    await once(gateway.listen(0, '127.0.0.1'), 'listening');
    root = mkdtempSync(join(tmpdir(), 'tenantry-told-'));
    mkdirSync(join(root, 'tenants'));
    symlinkSync(join(ROOT, 'cli'), join(root, 'cli'));
    const kubeconfig = `  kubeconfig: ${JSON.stringify(cluster.kubeconfig)}\n`;
    writeFileSync(join(root, 'platform.yaml'), GOOD_PLATFORM.replace('  eks: acme-production\n', kubeconfig));
    writeFileSync(join(root, 'tenants/globex.yaml'), 'host: globex.example.com\nring: canary\n');
    has(live());
  });
  afterEach(() => {
    cluster.stop();
    github.close();
    gateway.closeAllConnections();
    gateway.close();
    rmSync(root, { recursive: true });
  });

  const live = () => {
    const [globex] = load({ 'tenants/globex.yaml': 'host: globex.example.com\nring: canary\n' }).tenants;
    if (!globex) throw new Error('there is no tenant');
    return deployed(globex);
  };
  const has = (...items: readonly LiveTenant[]) => {
    cluster.onList = ({ url = '' }, response) => {
      if (url.startsWith('/apis/tenantry.dev/v1/tenants'))
        send(response, 200, { metadata: { resourceVersion: '1' }, items });
      else if (url.endsWith('/deployments/tenantry-operator')) send(response, 200, OPERATOR);
      else if (url === '/apis/apps/v1') {
        send(response, 200, { resources: [{ kind: 'Deployment', name: 'deployments', namespaced: true }] });
      } else send(response, 404, { message: 'not found' });
    };
  };

  /** @param token - what GitHub gives the App; none where it refuses. */
  const run = (vars: Readonly<Record<string, string>>, token = 'token'): Promise<JobRun> => {
    const shell = {
      run: (command: string, { env = {} }: { readonly env?: NodeJS.ProcessEnv } = {}) =>
        new Promise<{ exitCode: number; stdout: string; output: string; text: string }>((resolve) => {
          const [program = '', ...args] = command.split(' ');
          execFile(program, args, { cwd: root, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
            const output = stdout + stderr;
            resolve({ exitCode: error ? Number(error.code) : 0, stdout, output, text: output });
          });
        }),
    };
    return runJob(told, shell, {
      contexts: {
        github: { repository_owner: 'acme' },
        vars,
        secrets: { TENANTRY_DEPLOYMENTS_APP_PRIVATE_KEY: 'key' },
        inputs: {},
      },
      env: {
        ...github.environment,
        GITHUB_RUN_ID: '500',
        TENANTRY_INGRESS: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      },
      actionOutputs: { [TOKEN]: { token } },
    });
  };
  const APP = { TENANTRY_DEPLOYMENTS_APP_CLIENT_ID: 'Iv1' };

  test('shows each commit by ring, and that of the operator; run again, it writes nothing', async () => {
    const { status, given, summary, output } = await run(APP);
    expect(status).toBe('success');
    expect(given[TOKEN]).toMatchObject({ owner: 'acme', 'permission-deployments': 'write', 'client-id': 'Iv1' });
    const { commit = '' } = live().spec.services.find(({ name }) => name === 'apiserver') ?? {};
    expect(github.deployments.shown('acme/apiserver', 'acme/canary')).toEqual([`${commit} success`]);
    expect(github.deployments.shown('acme/platform', 'acme/operator')).toEqual([`${OPERATOR_COMMIT} success`]);
    const [deployment] = github.deployments.of('acme/apiserver', 'acme/canary');
    expect(deployment?.statuses[0]?.log_url).toBe('https://github.com/acme/platform/actions/runs/500');
    expect(summary).toContain(
      `- \`acme/apiserver\` \`acme/canary\`: \`${commit.slice(0, 7)}\` **success**, \`its tenant runs it\``,
    );
    expect(output).not.toContain('::warning');

    const writes = github.deployments.writes.length;
    expect((await run(APP)).summary).toBe('\n**Deployments at GitHub**\n\n- 3 as they were\n');
    expect(github.deployments.writes).toHaveLength(writes);
  });

  test('asks whether the services answer from outside, and shows what does not as a failure', async () => {
    unwell = ['globex.example.com'];
    await run(APP);
    const [deployment] = github.deployments.of('acme/apiserver', 'acme/canary');
    expect(deployment?.statuses[0]).toMatchObject({
      state: 'failure',
      description: 'globex: BadStatus; 0 of 1 tenant run it',
    });
  });

  test('is left out where no App is named, and says so once', async () => {
    const { status, outcomes, summary, output } = await run({}, '');
    expect(status).toBe('success');
    expect(outcomes).toEqual({ [CREDENTIALS]: 'success', [TOKEN]: 'skipped', [TELL]: 'success' });
    expect(summary).toBe(
      '\n**Deployments at GitHub**\n\n- not written: no App is named that may write them (docs/workflows.md)\n',
    );
    expect(output).not.toContain('::warning');
    expect(github.asked).toEqual([]);
  });

  test.each([
    ['GitHub gives no token', () => undefined, '', 'There is no token'],
    [
      'the App has no rights',
      () => {
        github.instead = () => ({ status: 403, body: { message: 'Resource not accessible by integration' } });
      },
      'token',
      'acme/apiserver: GitHub refuses (403: Resource not accessible by integration)',
    ],
    [
      'the cluster refuses',
      () => {
        cluster.onList = (_, response) => send(response, 403, { message: 'forbidden' });
      },
      'token',
      'cannot',
    ],
  ])('makes no run red: it warns where %s', async (_, happens, token, message) => {
    happens();
    const { status, outcomes, output } = await run(APP, token);
    expect({ status, outcome: outcomes[TELL] }).toEqual({ status: 'success', outcome: 'success' });
    expect(output).toMatch(/^::warning title=Deployments at GitHub%3A not all is written::/m);
    expect(output).toContain(message);
  });
});
