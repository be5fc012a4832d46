import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { askHealth } from '../../lib/fleet/health/ask-health';
import { restartPart } from '../../local/platform/restart-part';
import { Progress } from '../../local/processes/progress';
import { AILMENTS } from '../../local/unhealthy-image';
import { until } from '../until';
import { Checkout } from './checkout';

/** As few attempts as show that it is waited for, and that the operator says so, which it does not in the first seconds. The platform's own are for deploys that are to succeed, on machines however slow. */
const PATIENCE = 'verify: { attempts: 45, interval: 2 }';
const IMPATIENCE = 'verify: { attempts: 15, interval: 1 }';

describe('rings', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  const inEveryTenant = (service: string, digest: string) =>
    Object.fromEntries(['globex', 'initech', 'northwind'].map((tenant) => [`${tenant} ${service}`, digest]));

  test('hold an image that does not get ready in the first, and the next good image heals all in one run', async () => {
    const before = await checkout.digests();
    const published = await checkout.run('npm run -s local -- publish web-client --unhealthy');
    const unhealthy = published.output.match(/sha256:[0-9a-f]{64}/)?.[0];
    checkout.edit('local/platform.yaml', PATIENCE, IMPATIENCE);
    const held = await checkout.run('npm start', {
      env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(checkout.root, 'summary.md') },
    });
    checkout.edit('local/platform.yaml', IMPATIENCE, PATIENCE);

    expect(held.exitCode).toBe(1);
    expect(held.text).toMatch(/northwind \(canary\) is stuck at ready: RolloutInProgress: web-client: /);
    for (const tenant of ['globex', 'initech'])
      expect(held.text).toMatch(new RegExp(`${tenant} \\(general\\) is stuck at ready: RingHeld: .*northwind`));
    expect(held.text).toMatch(
      /Not converged after 15 of 15 attempts \(\d+ s\): 3 of 3 tenants, of which 2 wait for others and keep the images that they run\./,
    );
    expect(held.output).toContain('::error title=northwind (canary) has not converged');
    expect(checkout.read('summary.md')).toContain('<code>RolloutInProgress</code>');
    // All are asked to run it, and the first ring alone does.
    expect(await checkout.digests()).toEqual({ ...before, ...inEveryTenant('web-client', unhealthy as string) });
    const running = Object.values(await checkout.tenants()).flatMap(({ metadata, status }) =>
      (status?.services ?? []).flatMap(({ name, image }) => (name === 'web-client' ? [[metadata.name, image]] : [])),
    );
    for (const [tenant, image] of running)
      expect([tenant, image]).toEqual([tenant, expect.stringContaining(before[`${tenant} web-client`] as string)]);
    // What ran before still answers.
    const ingress = new URL(checkout.platform.record.gateway.endpoint);
    const question = { host: 'northwind.example.com', path: '/v1/health' };
    const answer = await askHealth(question, { deadline: 5000, ingress });
    expect(answer).toMatchObject({ status: 200, body: expect.not.stringContaining(AILMENTS.pods) });

    const { digest } = await checkout.publish('web-client');
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(await checkout.run('npx tenantry verify')).toMatchObject({
      exitCode: 0,
      stdout: 'Converged: 3 of 3 tenants are on the images of this run, ready and healthy.\n',
    });
    expect(await checkout.digests()).toEqual({ ...before, ...inEveryTenant('web-client', digest) });
    expect((await checkout.deploy()).output.match(/No changes\./g)).toHaveLength(2);
  });

  describe('tenantry verify', () => {
    const TENANT = '/apis/tenantry.dev/v1/tenants/globex';
    const OPERATOR = '/apis/apps/v1/namespaces/tenantry-system/deployments/tenantry-operator';

    test('names the tenant and the service that is not on the digest of the run, also to GitHub', async () => {
      const { globex } = await checkout.tenants();
      const services = globex?.spec.services.map((service) => ({
        ...service,
        commit: 'a'.repeat(40),
        image: service.image.replace(/sha256:.*/, `sha256:${'0'.repeat(64)}`),
      }));
      await checkout.api.request('PATCH', TENANT, { spec: { services } });
      const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(checkout.root, 'verify.md') };
      const bad = await checkout.run('npx tenantry verify --attempts 2 --interval 1', { env });
      const others = await checkout.run('npx tenantry verify --tenant initech --tenant northwind');
      await checkout.api.request('PATCH', TENANT, { spec: { services: globex?.spec.services } });

      expect(bad.exitCode).toBe(1);
      expect(bad.output).toMatch(
        /\n {2}globex \(general\) is stuck at images: OtherImages: apiserver is on commit aaaaaaa \(apiserver@sha256:0{12}\), and this run deploys commit .* \(and 4 more\)\n/,
      );
      expect(bad.output).toMatch(/^::error title=globex \(general\) has not converged::stuck at images: /m);
      expect(checkout.read('verify.md')).toContain('<td><code>globex</code></td>');
      expect(others.exitCode).toBe(0);
    });

    test('waits for an operator that was away, while the API server is started anew', async () => {
      const operator = async (replicas: number) => checkout.api.request('PATCH', OPERATOR, { spec: { replicas } });
      const { health } = checkout.platform.record.operator;
      await operator(0);
      await until('the operator is away', async () => !(await fetch(health).catch(() => undefined)));
      await checkout.api.request('PATCH', TENANT, { spec: { decommission: false, release: 'releases/0.0.2-hotfix' } });
      const away = await checkout.run('npx tenantry verify --tenant globex --attempts 1');

      let said = '';
      let isOver = false;
      const onError = (text: string) => {
        said += text;
      };
      const waiting = checkout
        .run('npx tenantry verify --attempts 120 --interval 1 --json', { onError })
        .finally(() => {
          isOver = true;
        });
      await until('it waits', async () => said.includes('waiting for globex'));
      await restartPart(checkout.root, 'kube-apiserver', new Progress({ write: () => undefined }));
      expect(isOver).toBe(false);
      await operator(1);

      expect(away).toMatchObject({
        exitCode: 1,
        output: expect.stringMatching(
          /globex \(general\) is stuck at observed: NotObserved: the operator has not said anything about generation \d+ yet/,
        ),
      });
      const { exitCode, stdout } = await waiting;
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ converged: true, strays: [] });
      expect((await checkout.deploy()).exitCode).toBe(0);
    });

    test('tells apart what a host may answer', async () => {
      const redirect = (response: ServerResponse) => response.writeHead(302, { location: '/login' }).end();
      const initech = { status: 'ok', tenant: 'initech', service: 'web-client' };
      const old = { status: 'ok', tenant: 'northwind', commit: 'a1b2c3d'.repeat(5) };
      const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
        'globex.example.com': (response) => response.end(JSON.stringify(initech)),
        'initech.example.com': redirect,
        'northwind.example.com': (response) => response.end(JSON.stringify(old)),
      };
      const server = createServer(({ headers }, response) => answers[headers.host ?? '']?.(response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const env = { TENANTRY_INGRESS: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
      const { exitCode, stdout } = await checkout.run('npx tenantry verify --attempts 1 --json', { env });
      server.close();

      expect(exitCode).toBe(1);
      const found = JSON.parse(stdout).tenants.map(({ tenant, step, reason }: Record<string, string>) => [
        tenant,
        step,
        reason,
      ]);
      expect(found).toEqual([
        ['globex', 'health', 'OtherTenant'],
        ['initech', 'health', 'Redirected'],
        ['northwind', 'health', 'OtherCommit'],
      ]);
    });

    test('ends with 2 where it cannot tell, and says so to GitHub: the cluster does not answer, or there is no lock', async () => {
      const { endpoint } = checkout.platform.record.kubernetes;
      checkout.edit('.local/kubeconfig', endpoint, 'https://127.0.0.1:9');
      const { exitCode, output } = await checkout.run('npx tenantry verify', { env: { GITHUB_ACTIONS: 'true' } });
      checkout.edit('.local/kubeconfig', 'https://127.0.0.1:9', endpoint);

      expect(exitCode).toBe(2);
      expect(output).toMatch(
        /^::error title=tenantry verify could not tell::cannot read the Tenants of .*ECONNREFUSED/m,
      );
    });
  });
});
