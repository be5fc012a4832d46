import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Published } from '../../local/publish';
import { Checkout } from './checkout';

/** By service, the one whose image it runs. */
const IMAGES = {
  apiserver: 'apiserver',
  nightly: 'apiserver',
  'tenant-auth': 'tenant-auth',
  'web-client': 'web-client',
  worker: 'apiserver',
};

/** The story that this program exists for, on real parts: a newcomer's first start, and a release that two services race for. */
describe('from nothing to every tenant', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
  });
  afterAll(() => checkout?.remove());

  test('npm start ends with three tenants on the published digests', async () => {
    const { exitCode, output } = await checkout.run('npm start');
    // Which of the two providers these tests ran on, for whoever reads their output.
    process.stderr.write(`${output.split('\n').find((line) => line.includes('provider:'))}\n`);

    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringContaining('tenants: Resources: 4 added, 0 changed, 0 destroyed.'),
    });
    expect(Object.keys(await checkout.tenants())).toEqual(['globex', 'initech', 'northwind']);
    const { images } = JSON.parse((await checkout.run('npx tenantry resolve --json')).stdout);
    const published = Object.fromEntries(
      images.map(({ service, digest }: { service: string; digest: string }) => [service, digest]),
    );
    expect(await checkout.digests()).toEqual(
      Object.fromEntries(
        ['globex', 'initech', 'northwind'].flatMap((tenant) =>
          Object.entries(IMAGES).map(([service, image]) => [`${tenant} ${service}`, published[image]]),
        ),
      ),
    );
  });

  test('the provider of the local platform stays out of the plugin cache that other projects use', () => {
    const cached = join(homedir(), '.terraform.d/plugin-cache/registry.terraform.io/hashicorp/kubernetes');
    const links = existsSync(cached)
      ? readdirSync(cached).flatMap((version) =>
          readdirSync(join(cached, version)).map((platform) => realpathSync(join(cached, version, platform))),
        )
      : [];
    expect(links.filter((path) => path.includes('stand-in'))).toEqual([]);
  });

  test('a second npm start changes nothing', async () => {
    const before = await versions(checkout);
    const { exitCode, output } = await checkout.run('npm start');

    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining('tenants: No changes.') });
    expect(output).toContain('operator: No changes.');
    expect(await versions(checkout)).toEqual(before);
  });

  test('a new image of one service changes exactly that service in every tenant', async () => {
    const before = await checkout.digests();
    const { digest, commit } = await checkout.publish('web-client');
    expect((await checkout.deploy()).exitCode).toBe(0);

    expect(await checkout.digests()).toEqual({
      ...before,
      'globex web-client': digest,
      'initech web-client': digest,
      'northwind web-client': digest,
    });
    const { rows } = JSON.parse((await checkout.run('npx tenantry status --json')).stdout);
    expect(rows.filter(({ service }: { service: string }) => service === 'web-client')).toEqual([
      expect.objectContaining({ tenant: 'globex', commit, digest }),
      expect.objectContaining({ tenant: 'initech', commit, digest }),
      expect.objectContaining({ tenant: 'northwind', commit, digest }),
    ]);
  });

  test('two services merge to a release; the run in between applies nothing, and the same command heals it', async () => {
    const before = await versions(checkout);
    checkout.edit('local/platform.yaml', 'releases/0.0.2', 'releases/0.0.3');
    await checkout.publish('operator', 'releases/0.0.3');
    const apiserver = await checkout.publish('apiserver', 'releases/0.0.3');
    const tenantAuth = await checkout.publish('tenant-auth', 'releases/0.0.3');

    const early = await checkout.deploy();
    expect(early.exitCode).toBe(2);
    expect(early.output).toContain('1 of 4 images cannot be deployed, so nothing is');
    expect(early.output).toContain('web-client releases/0.0.3 (tag releases-0.0.3 in web-client');
    expect(early.output).toContain('may still be building');
    expect(checkout.list('cdktf.out')).toEqual([]);
    expect(await versions(checkout)).toEqual(before);

    const webClient = await checkout.publish('web-client', 'releases/0.0.3');
    expect((await checkout.deploy()).exitCode).toBe(0);
    const built: Readonly<Record<string, Published>> = {
      apiserver,
      'tenant-auth': tenantAuth,
      'web-client': webClient,
    };
    expect(await checkout.digests()).toEqual(
      Object.fromEntries(
        ['globex', 'initech', 'northwind'].flatMap((tenant) =>
          Object.entries(IMAGES).map(([service, image]) => [`${tenant} ${service}`, built[image]?.digest]),
        ),
      ),
    );

    const healed = await versions(checkout);
    const again = await checkout.deploy();
    expect(again.output.match(/No changes\./g)).toHaveLength(2);
    expect(again.exitCode).toBe(0);
    expect(await versions(checkout)).toEqual(healed);
  });
});

/** The version of what is asked for of every Tenant: the same after as before means that nobody changed any. */
async function versions(checkout: Checkout): Promise<Readonly<Record<string, number>>> {
  const tenants = Object.values(await checkout.tenants());
  return Object.fromEntries(tenants.map(({ metadata }) => [metadata.name, metadata.generation]));
}
