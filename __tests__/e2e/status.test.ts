import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { environmentFor } from '../../local/environment';
import type { Published } from '../../local/publish';
import { FaultProxy } from '../images/fault-proxy';
import { launchBrowser } from '../page/browser';
import { until } from '../until';
import { Checkout } from './checkout';

const GLOBEX = '/apis/tenantry.dev/v1/tenants/globex';
/** Its place among the services, which are sorted by name: apiserver, nightly, tenant-auth, web-client, worker. */
const WEB_CLIENT = 3;

/** What a person asks first in an incident. */
describe('tenantry status', () => {
  let checkout: Checkout;
  let pushed: Published;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  const status = (options = '', env: NodeJS.ProcessEnv = {}) =>
    checkout.run(`node cli/tenantry.js status ${options}`.trim(), { as: 'planner', env });
  const json = async (options = '') => JSON.parse((await status(`--json ${options}`)).stdout);

  test('says of a fleet that was just deployed that all of it is well', async () => {
    const { exitCode, output } = await status();
    expect(exitCode).toBe(0);
    expect(output).toMatch(
      /^local: 3 tenants in canary, general, at .* UTC\nAll of it is ready, and as the files and ECR say\.\n/,
    );
    expect(output.match(/yes .* all 3$/gm)).toHaveLength(5);
  });

  test('asks the cluster once, and ECR once for each image', async () => {
    const ecr = new FaultProxy(() => checkout.platform.record.aws.endpoint);
    await ecr.start();
    const cluster = await counting(checkout.platform.record.kubernetes.endpoint);
    const kubeconfig = parse(checkout.read('.local/kubeconfig'));
    // Plain HTTP, and so without the certificate that the real one has.
    for (const one of kubeconfig.clusters) one.cluster = { server: cluster.url, 'insecure-skip-tls-verify': true };
    checkout.write('.local/counted', JSON.stringify(kubeconfig));
    checkout.edit('local/platform.yaml', '../.local/kubeconfig', '../.local/counted');
    const { exitCode } = await status('', { AWS_ENDPOINT_URL_ECR: ecr.endpoint });
    checkout.edit('local/platform.yaml', '../.local/counted', '../.local/kubeconfig');
    cluster.server.close();
    await ecr.stop();

    expect(exitCode).toBe(0);
    expect(cluster.requests).toEqual(['GET /apis/tenantry.dev/v1/tenants']);
    expect(ecr.counts).toEqual({
      'apiserver:releases-0.0.2': 1,
      'tenant-auth:releases-0.0.2': 1,
      'web-client:releases-0.0.2': 1,
    });
  });

  test('says who is behind after a push, from which commit to which', async () => {
    const [before] = (await json('--service web-client')).rows;
    pushed = await checkout.publish('web-client');
    const { output } = await status();
    const after = await json('--service web-client');

    const change = `web-client ${before.commit.slice(0, 7)} → ${pushed.commit.slice(0, 7)}`;
    expect(output).toContain(`\n3 tenants behind: ${change}, pushed just now\n`);
    expect(after.rows).toHaveLength(3);
    expect(after.rows[0]).toMatchObject({
      commit: before.commit,
      behind: true,
      newest: pushed.digest,
      readyPods: 1,
      pods: 1,
    });
    expect(after.images).toMatchObject([{ service: 'web-client', digest: pushed.digest, commits: [pushed.commit] }]);
  });

  test('says where a commit runs, and that one runs nowhere yet', async () => {
    const [{ commit }] = (await json('--tenant globex --service web-client')).rows;
    const running = await status(`--commit ${commit.slice(0, 7)}`);
    const waiting = await status(`--commit ${pushed.commit.slice(0, 12)}`);

    expect(running).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining(`web-client ${commit} runs in 3 of 3 tenants.`),
    });
    expect(waiting).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining(
        `No tenant runs ${pushed.commit.slice(0, 12)}. ECR has ${pushed.commit} as the newest of web-client releases/0.0.2`,
      ),
    });
    expect(await status('--commit 1234567')).toMatchObject({ exitCode: 1, output: 'No tenant runs 1234567.\n' });
    expect(await status('--commit 12345')).toMatchObject({ exitCode: 2 });
    expect(await status('--tenant globx')).toMatchObject({
      exitCode: 2,
      output: '--tenant globx: there is no such tenant; did you mean "globex"?\n',
    });
  });

  test('names each field that somebody edited by hand, with who and when, and tells a change of a file from that', async () => {
    const services = (await checkout.tenants()).globex?.spec.services.map((service) =>
      service.name === 'apiserver' ? { ...service, replicas: 5 } : service,
    );
    const since = (await json('--tenant globex --service apiserver')).rows[0].since;
    await checkout.api.request('PATCH', `${GLOBEX}?fieldManager=somebody`, {
      spec: { host: 'x.example.com', services },
    });
    checkout.edit('local/tenants/initech.yaml', 'initech.example.com', 'initech.example.net');
    const { output } = await status();
    checkout.edit('local/tenants/initech.yaml', 'initech.example.net', 'initech.example.com');
    const { rows, tenants } = await json('--tenant globex');

    expect(output).toContain('1 tenant edited by hand:\n');
    expect(output).toContain(
      '  globex: host is x.example.com, and should be globex.example.com, by somebody just now\n',
    );
    expect(output).toContain('  globex: apiserver replicas is 5, and should be 3, by somebody just now\n');
    expect(output.replace(/\n +/g, ' ')).toContain(
      '1 tenant differs from its file, and the next run changes that: initech: host is initech.example.com, and should be initech.example.net\n',
    );
    expect(tenants[0].marks).toContain('by hand');
    // Its image was not touched, and so it is asked for since the deploy.
    expect(rows[0]).toMatchObject({ service: 'apiserver', since, pods: 5, marks: ['by hand'] });
  });

  test('finds tenants without a file, files without a tenant, and the lock of a frozen platform', async () => {
    const file = checkout.read('local/tenants/initech.yaml');
    const platform = checkout.read('local/platform.yaml');
    expect((await checkout.run('npx tenantry resolve --lock frozen.lock.json')).exitCode).toBe(0);
    checkout.write('local/platform.yaml', `${platform}frozen: ../frozen.lock.json\n`);
    checkout.delete('local/tenants/initech.yaml');
    checkout.write('local/tenants/umbrella.yaml', 'host: umbrella.example.com\n');
    const { output, text } = await status();
    const told = await json();
    checkout.delete('local/tenants/umbrella.yaml');
    checkout.write('local/tenants/initech.yaml', file);
    checkout.write('local/platform.yaml', platform);

    expect(output.split('\n')[1]).toMatch(/^THE PLATFORM IS FROZEN/);
    expect(text).toContain('Its lock is frozen.lock.json.');
    expect(text).toContain('1 tenant without a file: initech: is in use.');
    expect(text).toContain('1 file without a tenant: umbrella: the next run makes it, in the ring general');
    expect(told).toMatchObject({ frozen: 'frozen.lock.json', missing: [{ tenant: 'umbrella', ring: 'general' }] });
  });

  test('shows the cluster while ECR is down, and says what it could not compare', async () => {
    const { exitCode, text } = await status('', { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' });
    expect(exitCode).toBe(0);
    expect(text).toContain(
      'Not everything could be compared with what ECR has now: apiserver releases/0.0.2, tenant-auth releases/0.0.2, web-client releases/0.0.2: ECR in eu-central-1',
    );
    expect(text).toContain('web-client releases/0.0.2');
  });

  test('goes on with --watch, says what changes, and ends when it is interrupted', async () => {
    const env = { ...environmentFor(checkout.platform.record, 'planner'), CI: 'true' };
    const watch = spawn(process.execPath, ['cli/tenantry.js', 'status', '--watch'], { cwd: checkout.root, env });
    let output = '';
    for (const stream of [watch.stdout, watch.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    const ended = new Promise((resolve) => watch.once('exit', (code, signal) => resolve({ code, signal })));
    await until('it shows the fleet', () => output.includes('TENANTS'));
    expect((await checkout.deploy()).exitCode).toBe(0);
    const line = new RegExp(`^\\d\\d:\\d\\d:\\d\\d globex web-client: ${pushed.commit.slice(0, 7)}$`, 'm');
    await until('it says that the commit has arrived', () => line.test(output));
    watch.kill('SIGINT');

    expect(await ended).toEqual({ code: 0, signal: null });
    expect(output).toMatch(/^\d\d:\d\d:\d\d globex web-client: .* → .*, (rolling out|held)$/m);
    expect(output).toMatch(
      new RegExp(`^.* globex web-client: [0-9a-f]{7} → ${pushed.commit.slice(0, 7)}, rolling out$`, 'm'),
    );
  });

  test('writes a page that a browser shows', async () => {
    const { exitCode, output } = await status('--html fleet.html');
    expect(exitCode).toBe(0);
    expect(output).toContain('The page is in fleet.html.');
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(join(checkout.root, 'fleet.html')).href);
      await page.locator('#text').fill('northwind');
      const row = page.locator('#matrix tbody tr:visible');

      expect(await page.locator('h1').innerText()).toBe('The fleet of local');
      expect(await page.getByRole('status').innerText()).toBe('1 of 3 tenants.');
      expect(await row.locator('.build').nth(WEB_CLIENT).innerText()).toBe(pushed.commit.slice(0, 7));
      expect(await row.locator('.build a').nth(WEB_CLIENT).getAttribute('href')).toBe(
        `https://github.com/acme/web-client/commit/${pushed.commit}`,
      );
    } finally {
      await browser.close();
    }
    expect(await status('--html nowhere/fleet.html')).toMatchObject({ exitCode: 2 });
  });
});

/** A way to a Kubernetes API on which the requests are counted. */
async function counting(endpoint: string): Promise<{ url: string; requests: string[]; server: Server }> {
  const requests: string[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    requests.push(`${method} ${url}`);
    // Only whether it is asked matters here, not whom.
    const options = { headers: { authorization: headers.authorization }, rejectUnauthorized: false, agent: false };
    request(`${endpoint}${url}`, options, (answer) => {
      response.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' });
      answer.pipe(response);
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server };
}
