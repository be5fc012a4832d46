import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { Client } from 'pg';
import { parse } from 'yaml';
import { createRepositories, ecrClient, type LocalRegistry } from '../../local/local-registry';
import { IDENTITIES, IDENTITY_NAMES, type Identity } from '../../local/parts/identity';
import { down, status, up } from '../../local/platform/platform';
import type { PlatformRecord } from '../../local/platform/platform-record';
import { restartPart } from '../../local/platform/restart-part';
import { Progress } from '../../local/processes/progress';
import { findExecutable } from '../../local/programs/executable';
import { publish } from '../../local/publish';
import { unhealthyCommit } from '../../local/unhealthy-image';
import { KubernetesApi } from './kubernetes-api';

const ROOT = resolve(__dirname, '../..');
const REGISTRY = { account: '123456789012', region: 'eu-central-1' };
const COMMIT = '4f0d2a6c9b1e8d7c5a3f4f0d2a6c9b1e8d7c5a3f';

/** Stands in for the operator: answers with what it was told. */
const OPERATOR = `import http.server, json, os

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

http.server.HTTPServer((os.environ["LISTEN_HOST"], int(os.environ["HEALTH_PORT"])), Answer).serve_forever()
`;

const quiet = new Progress({ write: () => undefined });
const checkouts: string[] = [];

/** A folder that is like a fresh checkout, as far as the platform looks at it. */
function checkout(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tenantry-checkout-'));
  checkouts.push(directory);
  mkdirSync(join(directory, 'local'));
  cpSync(join(ROOT, 'local/platform.yaml'), join(directory, 'local/platform.yaml'));
  cpSync(join(ROOT, 'local/tenants'), join(directory, 'local/tenants'), { recursive: true });
  mkdirSync(join(directory, 'operator/tenantry_operator'), { recursive: true });
  writeFileSync(join(directory, 'operator/tenantry_operator/__main__.py'), OPERATOR);
  return directory;
}

const start = (directory: string) => up({ directory, ...REGISTRY, attached: true, progress: quiet });

function cli(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, ['-r', '@swc-node/register', 'local/main.ts', ...args], {
    cwd: ROOT,
    env,
    // A process group of its own, as a shell gives to a command.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await condition()); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Ended, but not yet noticed by its parent.
    return !(existsSync(`/proc/${pid}/stat`) && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
}

const processesOf = ({ supervisor, parts }: PlatformRecord) => [supervisor.pid, ...parts.map(({ pid }) => pid)];

function pidOf({ parts }: PlatformRecord, name: string): number {
  return parts.find((part) => part.name === name)?.pid ?? Number.NaN;
}

/** Processes that a supervisor's log says were started. */
function startedIn(directory: string): number[] {
  const log = join(directory, '.local/supervisor.log');
  return existsSync(log)
    ? [...readFileSync(log, 'utf8').matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid))
    : [];
}

interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Who the API server takes an identity of the kubeconfig for. TLS is verified. */
async function whoAmI(kubeconfig: string, identity: Identity): Promise<UserInfo> {
  const { clusters, users, contexts } = parse(readFileSync(kubeconfig, 'utf8'));
  const named = (list: { name: string }[], name: string) => list.find((one) => one.name === name) as never;
  const { context } = named(contexts, identity) as { context: { user: string; cluster: string } };
  const { user } = named(users, context.user) as { user: { token: string } };
  const { cluster } = named(clusters, context.cluster) as { cluster: Record<string, string> };
  const sent = request(`${cluster.server}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
    method: 'POST',
    ca: Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64'),
    headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
  }).end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }));
  const [response] = await once(sent, 'response');
  const body = (await response.setEncoding('utf8').toArray()).join('');
  return JSON.parse(body).status.userInfo;
}

/** What PostgreSQL answers to whom the URL says. */
async function query(url: string, text: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A Deployment that keeps all rules of pod security. */
function deployment(name: string, replicas: number, commit = COMMIT) {
  const labels = { app: name, 'git.sha': commit };
  const container = {
    name,
    image: `registry.example/acme/${name}@sha256:${'0'.repeat(64)}`,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const template = { metadata: { labels }, spec: { securityContext, containers: [container] } };
  return { metadata: { name }, spec: { replicas, selector: { matchLabels: { app: name } }, template } };
}

let directory: string;
let record: PlatformRecord;

beforeAll(async () => {
  directory = checkout();
  record = await start(directory);
});

afterAll(async () => {
  for (const one of checkouts) {
    await down(one, quiet);
    rmSync(one, { recursive: true, force: true });
  }
});

describe('a running platform', () => {
  test('is found running by whoever brings it up again', async () => {
    expect((await start(directory)).supervisor).toEqual(record.supervisor);
    expect((await status(directory)).platform).toEqual(record);
  });

  test.each(IDENTITY_NAMES)('takes %s for who it is', async (identity) => {
    const { username, groups } = await whoAmI(record.kubernetes.kubeconfig, identity);
    expect(username).toBe(IDENTITIES[identity].user);
    expect(groups).toEqual([...IDENTITIES[identity].groups, 'system:authenticated']);
  });

  test('turns a shell to itself, whatever the shell was turned to before', async () => {
    const lines = execFileSync(
      process.execPath,
      ['-r', '@swc-node/register', 'local/main.ts', '--directory', directory, 'env', 'planner'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, AWS_PROFILE: 'production', AWS_ENDPOINT_URL_ECR: 'https://aws' },
      },
    );
    const script = `${lines}\necho "$KUBE_CTX $AWS_ENDPOINT_URL $KUBECONFIG [$AWS_PROFILE$AWS_ENDPOINT_URL_ECR]"`;
    const env = { PATH: process.env.PATH, AWS_PROFILE: 'production', AWS_ENDPOINT_URL_ECR: 'https://aws' };
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).trim()).toBe(
      `planner ${record.aws.endpoint} ${record.kubernetes.kubeconfig} []`,
    );
  });
});

describe('its cluster', () => {
  const SPACE = '/api/v1/namespaces/tenant-acme';
  const APPS = '/apis/apps/v1/namespaces/tenant-acme/deployments';
  const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/tenant-acme/ingresses';
  let api: KubernetesApi;

  const done = async (...[method, path, body]: Parameters<KubernetesApi['request']>) => {
    const answer = await api.request(method, path, body);
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const isGone = async (path: string) => (await api.request('GET', path)).status === 404;
  const pods = async (app: string) => (await done('GET', `${SPACE}/pods?labelSelector=app%3D${app}`)).items;
  const available = async (app: string) => (await done('GET', `${APPS}/${app}`)).status.availableReplicas ?? 0;

  /** What a GET at a tenant's host is answered with. */
  const ask = async (host: string, path: string) => {
    const sent = httpRequest(`${record.gateway.endpoint}${path}`, { headers: { host } }).end();
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, body: await json(response) };
  };

  beforeAll(async () => {
    api = new KubernetesApi(record.kubernetes.kubeconfig);
    const labels = { 'tenantry.dev/tenant': 'acme', 'pod-security.kubernetes.io/enforce': 'restricted' };
    await done('POST', '/api/v1/namespaces', { metadata: { name: 'tenant-acme', labels } });
  });

  test('makes a Deployment available, and removes its pods with it', async () => {
    await done('POST', APPS, deployment('worker', 2));
    await until('it is available', async () => (await available('worker')) === 2);
    await done('DELETE', `${APPS}/worker`);
    await until('its pods are gone', async () => (await pods('worker')).length === 0);
  });

  test('answers at the hosts of its Ingresses while a pod is ready, and says which commit that runs', async () => {
    expect(await ask('acme.example.com', '/')).toMatchObject({
      status: 404,
      body: { reason: 'no Ingress has the host "acme.example.com"; there are: none' },
    });

    const path = (at: string, name: string) => ({
      path: at,
      pathType: 'Prefix',
      backend: { service: { name, port: { number: 80 } } },
    });
    const paths = [path('/web', 'web'), path('/web/api', 'missing')];
    const rules = [{ host: 'acme.example.com', http: { paths } }];
    await done('POST', INGRESSES, { metadata: { name: 'tenant' }, spec: { rules } });
    await done('POST', `${SPACE}/services`, {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    const answer = () => ask('acme.example.com', '/web/v1/health?x=1');
    expect(await answer()).toMatchObject({
      status: 503,
      body: { reason: 'none of the 0 pods of web in tenant-acme is ready' },
    });
    expect(await ask('acme.example.com', '/web/api/x')).toMatchObject({
      status: 503,
      body: { reason: 'there is no Service missing in tenant-acme' },
    });
    expect(await ask('acme.example.com', '/website')).toMatchObject({
      status: 404,
      body: { reason: 'acme.example.com has no path for /website; it has: /web, /web/api' },
    });

    await done('POST', APPS, deployment('web', 1));
    await until('a pod is ready', async () => (await answer()).status === 200);
    expect((await answer()).body).toEqual({ status: 'ok', tenant: 'acme', service: 'web', commit: COMMIT });
  });

  test('runs the pods of an image that is published as unhealthy, and they never get ready', async () => {
    await done('POST', APPS, deployment('sick', 1, unhealthyCommit('pods')));
    const statusOf = async () => (await pods('sick'))[0]?.status;
    await until('it runs', async () => (await statusOf())?.phase === 'Running');
    const { conditions, containerStatuses } = await statusOf();
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }));
    expect(containerStatuses).toEqual([expect.objectContaining({ name: 'sick', ready: false })]);
    expect(await available('sick')).toBe(0);
    await done('DELETE', `${APPS}/sick`);
    await until('its pods are gone', async () => (await pods('sick')).length === 0);
  });

  test('runs the pod of a Job to its end, and has it fail with an image that is published to do so', async () => {
    const jobs = '/apis/batch/v1/namespaces/tenant-acme/jobs';
    const ending = async (name: string, commit: string) => {
      const { template } = deployment(name, 1, commit).spec;
      const spec = { ...template.spec, restartPolicy: 'Never' };
      await done('POST', jobs, { metadata: { name }, spec: { backoffLimit: 0, template: { ...template, spec } } });
      const statusOf = async () => (await done('GET', `${jobs}/${name}`)).status;
      await until(`${name} has ended`, async () => Boolean((await statusOf()).succeeded ?? (await statusOf()).failed));
      return statusOf();
    };
    expect(await ending('well', COMMIT)).toMatchObject({ succeeded: 1 });
    expect(await ending('broken', unhealthyCommit('jobs'))).toMatchObject({ failed: 1 });
    const { items } = await done('GET', `${SPACE}/pods?labelSelector=job-name%3Dbroken`);
    expect(items[0].status.containerStatuses[0].state).toEqual({
      terminated: expect.objectContaining({
        exitCode: 1,
        message: 'applying 0007_users_email\nERROR: relation "users" does not exist\n',
      }),
    });
  });

  test('answers 503 for pods that are ready, when their image is published to do so', async () => {
    const commit = unhealthyCommit('answers');
    await done('PATCH', `${APPS}/web`, deployment('web', 1, commit));
    const answer = () => ask('acme.example.com', '/web/v1/health');
    await until('it answers so', async () => (await answer()).status === 503);
    await until('its old pod is gone', async () => (await pods('web')).length === 1);
    expect((await answer()).body).toEqual({
      status: 'unavailable',
      reason: `web was published to answer this (${commit})`,
    });
    expect(await available('web')).toBe(1);
  });

  test('lets a namespace that is deleted go away with all that is in it', async () => {
    await done('DELETE', SPACE);
    await until('it is gone', () => isGone(SPACE));
  });

  test('has the operator run while there is a Deployment of it, and starts it again whenever it ends', async () => {
    const running = async () => (await status(directory)).platform?.parts.find(({ name }) => name === 'operator')?.pid;
    const answers = async () => {
      const answer = await fetch(record.operator.health).catch(() => undefined);
      return answer && ((await answer.json()) as NodeJS.ProcessEnv);
    };
    expect(await running()).toBeUndefined();

    await done('POST', '/api/v1/namespaces', { metadata: { name: 'tenantry-system' } });
    const deployments = '/apis/apps/v1/namespaces/tenantry-system/deployments';
    await done('POST', deployments, deployment('tenantry-operator', 1));
    await until('it answers', async () => (await answers()) !== undefined);
    const told = await answers();
    expect(readFileSync(join(told?.DATABASE_FOLDER ?? '', 'url'), 'utf8')).toBe(record.postgres.operator);
    expect(parse(readFileSync(told?.KUBECONFIG ?? '', 'utf8'))['current-context']).toBe('operator');

    const first = await running();
    process.kill(first ?? Number.NaN, 'SIGKILL');
    await until('another one runs', async () => ![first, undefined].includes(await running()));
    await until('it answers', async () => (await answers()) !== undefined);

    const second = await running();
    await restartPart(directory, 'operator', quiet);
    expect([first, second, undefined]).not.toContain(await running());
    expect(await answers()).toBeDefined();

    await done('PATCH', `${deployments}/tenantry-operator`, { spec: { replicas: 0 } });
    await until('it has ended', async () => (await running()) === undefined);
    await expect(restartPart(directory, 'operator', quiet)).rejects.toThrow('the cluster has no Deployment of it');
  });
});

describe('its PostgreSQL', () => {
  test('takes the operator for an administrator that is no superuser, and nobody without a password', async () => {
    const { superuser, operator } = record.postgres;
    const roles = 'SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user';
    expect(await query(operator, roles)).toEqual([
      { rolname: 'tenantry_operator', rolsuper: false, rolcreaterole: true, rolcreatedb: true },
    ]);
    expect(await query(superuser, roles)).toMatchObject([{ rolname: 'postgres', rolsuper: true }]);
    await query(operator, 'CREATE ROLE acme');
    await query(operator, 'CREATE DATABASE acme');
    await expect(query(operator, 'ALTER ROLE acme SUPERUSER')).rejects.toThrow('permission denied');
    const wrong = new URL(superuser);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  test('keeps its data and its port when it is started anew, and all other parts run on', async () => {
    const { superuser } = record.postgres;
    await query(superuser, "CREATE TABLE kept AS SELECT 'kept' AS what");
    const before = await start(directory);
    const after = await restartPart(directory, 'postgres', quiet);
    expect(await query(superuser, 'SELECT what FROM kept')).toEqual([{ what: 'kept' }]);
    expect(await start(directory)).toEqual(after);
    expect(pidOf(after, 'postgres')).not.toBe(pidOf(before, 'postgres'));
    const others = ({ parts }: PlatformRecord) => parts.filter(({ name }) => name !== 'postgres');
    expect(others(after)).toEqual(others(before));
    record = after;
  });

  test('is named when a part is to be started anew that there is not', async () => {
    await expect(restartPart(directory, 'postgresql', quiet)).rejects.toThrow(/There are: .*postgres/);
  });
});

describe('publish', () => {
  let registry: LocalRegistry;

  beforeAll(async () => {
    registry = {
      ...record.aws,
      repositories: [{ service: 'web-client', repository: 'acme/web-client', github: 'acme/web-client' }],
      signing: { authority: record.authority, workflow: 'https://github.com/acme/platform/x@y', branch: 'main' },
    };
    await createRepositories(registry);
    await createRepositories(registry);
  });

  const tagsOf = async (digest: string) => {
    const command = new DescribeImagesCommand({
      repositoryName: 'acme/web-client',
      imageIds: [{ imageDigest: digest }],
    });
    const { imageDetails = [] } = await ecrClient(registry).send(command);
    return imageDetails[0]?.imageTags;
  };

  test('puts an image into ECR under its commit, latest and its release', async () => {
    const published = await publish(registry, { service: 'web-client', release: 'releases/0.0.2', commit: COMMIT });
    expect(published).toMatchObject({ changed: true, tags: [COMMIT, 'latest', 'releases-0.0.2'] });
    expect(published.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await tagsOf(published.digest)).toEqual([COMMIT, 'latest', 'releases-0.0.2']);
  });

  test('does nothing when the commit is published already', async () => {
    const again = await publish(registry, { service: 'web-client', release: 'releases/0.0.2', commit: COMMIT });
    expect(again.changed).toBe(false);
  });

  test('moves latest and the release to a new commit, and leaves the old one its own tag', async () => {
    const old = await publish(registry, { service: 'web-client', release: 'releases/0.0.2', commit: COMMIT });
    const { commit, digest } = await publish(registry, { service: 'web-client', release: 'releases/0.0.2' });
    expect(await tagsOf(digest)).toEqual([commit, 'latest', 'releases-0.0.2']);
    expect(await tagsOf(old.digest)).toEqual([COMMIT]);
  });

  test('refuses a service that the platform does not have, and names those it has', async () => {
    await expect(publish(registry, { service: 'web', release: 'releases/0.0.2' })).rejects.toThrow(
      'There is no service "web" in the platform file. Publish one of: web-client.',
    );
  });
});

describe('beside another platform', () => {
  let other: string;

  beforeAll(() => {
    other = checkout();
  });

  test('it has ports, processes and files of its own, and is started once however many ask for it', async () => {
    const [one, two] = await Promise.all([start(other), start(other)]);
    expect(one).toEqual(two);
    const all = [...record.parts, ...one.parts];
    expect(new Set(all.map(({ endpoint }) => endpoint)).size).toBe(all.length);
    expect([...processesOf(record), ...processesOf(one)].every(lives)).toBe(true);
  });

  test('it ends as a whole when one of its parts does, says why, and can be started again', async () => {
    const { platform } = await status(other);
    if (!platform) throw new Error('it does not run');
    process.kill(pidOf(platform, 'etcd'), 'SIGKILL');
    await until('all of it has ended', () => !processesOf(platform).some(lives));
    expect(await status(other)).toMatchObject({
      ended: { reason: expect.stringMatching(/^etcd was ended by SIGKILL\./) },
    });

    expect(processesOf(await start(other)).every(lives)).toBe(true);
  });

  test('it leaves no process when its supervisor is killed', async () => {
    const { platform } = await status(other);
    if (!platform) throw new Error('it does not run');
    process.kill(platform.supervisor.pid, 'SIGKILL');
    await until('all of it has ended', () => !processesOf(platform).some(lives));
    expect(await status(other)).toMatchObject({ ended: { reason: expect.stringMatching(/was killed/) } });
  });

  test('down removes what a crash left behind, and all else that it made', async () => {
    expect(await down(other, quiet)).toBe(true);
    expect(existsSync(join(other, '.local'))).toBe(false);
    expect(await down(other, quiet)).toBe(false);
    expect(processesOf(record).every(lives)).toBe(true);
  });

  test.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['SIGKILL', 'SIGKILL', null],
  ] as const)('%s while it starts leaves no process', async (_, signal, code) => {
    const command = cli(['--directory', other, 'up']);
    const ended = once(command, 'exit');
    await until('two parts have started', () => startedIn(other).length >= 2);
    const started = startedIn(other);
    process.kill(-(command.pid ?? Number.NaN), signal);
    expect((await ended)[0]).toBe(code);
    await until('its processes have ended', () => ![...started, ...startedIn(other)].some(lives));
    await down(other, quiet);
  });
});

test('down ends a platform in order', async () => {
  await down(directory, quiet);
  expect(processesOf(record).some(lives)).toBe(false);
  expect(existsSync(join(directory, '.local'))).toBe(false);
  expect(await status(directory)).toEqual({});
});

describe('on a machine without the programs it needs', () => {
  const failure = async (path: string) => {
    const empty = checkout();
    const env = { ...process.env, PATH: path, XDG_CACHE_HOME: empty, KUBEBUILDER_ASSETS: '' };
    const command = cli(['--directory', empty, 'up'], env);
    const [output, [code]] = await Promise.all([command.stderr?.setEncoding('utf8').toArray(), once(command, 'exit')]);
    return { output: (output ?? []).join(''), code };
  };

  test('it names all of them at once, and how to get each', async () => {
    const { output, code } = await failure('');
    expect(code).toBe(1);
    for (const program of ['sh', 'Python 3.11', 'Terraform 1.10', 'Go 1.21']) expect(output).toContain(`- ${program}`);
  });

  test('it says which one is too old', async () => {
    const bin = checkout();
    symlinkSync(findExecutable('sh') ?? '', join(bin, 'sh'));
    writeFileSync(join(bin, 'terraform'), `#!/bin/sh\necho '{ "terraform_version": "1.5.7" }'\n`, { mode: 0o755 });
    expect((await failure(bin)).output).toContain('(Terraform here is 1.5.7)');
  });
});
