import { Client } from 'pg';
import type { SeenServer } from '../../lib/fleet/left-over';
import { DatabaseServer } from '../examples/database-server';
import { until } from '../until';
import { Lab } from './lab';
import { tenantObject } from './tenant-object';

const PATH = '/api/v1/namespaces/tenantry-system/configmaps/tenantry-left-over';

describe('an operator whose tenants leave databases', () => {
  let lab: Lab;
  let second: DatabaseServer;
  beforeAll(async () => {
    [lab, second] = await Promise.all([Lab.create(), DatabaseServer.start()]);
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, told());
    await lab.apply(tenantObject('stays'));
    await lab.apply(tenantObject('order'));
    await lab.apply(on('eu-2', 'far'));
    await lab.untilReady('stays', 'order', 'far');
  });
  afterAll(async () => {
    await second?.stop();
    await lab?.remove();
  });

  const told = () => ({ url: lab.databaseUrl(), 'eu-2.url': second.server.operator });
  const on = (server: string, name: string) =>
    tenantObject(name, { database: { name: `tenant_${name}`, deletionPolicy: 'Retain', server, connectionLimit: 0 } });
  const published = async (): Promise<readonly SeenServer[]> => {
    const { status, body } = await lab.api.request('GET', PATH, undefined, 'planner');
    return status === 404 ? [] : JSON.parse(body.data['left-over.json']);
  };
  const names = async () =>
    (await published()).flatMap(({ server, tenants }) =>
      tenants.map(({ tenant }) => `${server || 'default'} ${tenant}`),
    );
  const asAdministrator = async (statement: string, url = lab.record.postgres.operator) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const leave = async (name: string) => {
    await lab.change(name, { decommission: true });
    await lab.untilReason(name, 'Decommissioned');
    await lab.delete(name);
    await lab.untilClearedAway(name);
  };
  const is = (...wanted: readonly string[]) =>
    until(`${wanted.join(', ') || 'nothing'} is left`, async () => {
      const found = await names();
      return (await published()).length === 2 && found.join() === wanted.join();
    });

  test('publishes nothing of tenants that are there', async () => {
    await is();
    expect((await published()).map(({ server }) => server).sort()).toEqual(['', 'eu-2']);
  });

  test('publishes soon what a tenant left, with its size, on each server', async () => {
    await leave('order');
    await leave('far');
    await is('default order', 'eu-2 far');
    const found = (await published()).flatMap(({ tenants }) => tenants);
    for (const { databases } of found) expect(databases[0]?.bytes).toBeGreaterThan(1_000_000);
    for (const { since } of found) expect(Date.parse(since)).toBeGreaterThan(Date.now() - 600_000);
    expect(found.find(({ tenant }) => tenant === 'order')?.drop).toEqual([
      'DROP DATABASE "tenant_order"',
      'DROP ROLE "tenant_order"',
    ]);
  });

  test('publishes the same after its restart, with the time when it first saw it', async () => {
    const before = await published();
    await lab.stop();
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, told());
    await lab.change('stays', { ring: 'canary' });
    await lab.untilReady('stays');
    expect(await published()).toEqual(before);
  });

  test('publishes nothing any more of a tenant that came back', async () => {
    await lab.apply(on('eu-2', 'far'));
    await is('default order');
    const secret = {
      metadata: { name: 'tenantry-credentials' },
      stringData: { username: 'tenant_far', password: 'x' },
    };
    await lab.api.request('POST', '/api/v1/namespaces/tenant-far/secrets', secret);
    await lab.untilReady('far');
    await is('default order');
  });

  test('makes no empty database where its statements are run late, once the tenant has come back', async () => {
    await lab.apply(tenantObject('late'));
    await lab.untilReady('late');
    await leave('late');
    await is('default late', 'default order');
    const drop = (await published()).flatMap(({ tenants }) => tenants).find(({ tenant }) => tenant === 'late')?.drop;
    await lab.apply(tenantObject('late'));
    await lab.untilReason('late', 'CredentialsMissing');
    for (const statement of drop ?? []) await asAdministrator(statement);
    const { message } = await lab.untilReason('late', 'DatabaseMissing');
    expect(message).toContain('restore the database there');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_late'")).toEqual([]);
    await lab.change('late', {
      decommission: true,
      database: { ...tenantObject('late').spec.database, deletionPolicy: 'Delete' },
    });
    await lab.delete('late');
    await lab.untilClearedAway('late');
    await is('default order');
  });

  test('keeps what it saw of a server that does not answer, and goes on with the other', async () => {
    const [before] = (await published()).filter(({ server }) => server === 'eu-2');
    await second.stop();
    await leave('stays');
    await is('default order', 'default stays');
    expect((await published()).find(({ server }) => server === 'eu-2')).toEqual(before);
  });

  test('gives statements that a database in use refuses, and that drop what is not', async () => {
    const drop = (await published()).flatMap(({ tenants }) => tenants).find(({ tenant }) => tenant === 'order')?.drop;
    const connectionString = Object.assign(new URL(lab.record.postgres.superuser), { pathname: 'tenant_order' }).href;
    const client = new Client({ connectionString });
    await client.connect();
    for (const statement of drop ?? []) await expect(asAdministrator(statement)).rejects.toThrow();
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_order'")).toHaveLength(1);
    await client.end();
    await until('nobody is in it', () =>
      asAdministrator(drop?.[0] as string).then(
        () => true,
        () => false,
      ),
    );
    await asAdministrator(drop?.[1] as string);
    expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_order'")).toEqual([]);
    await lab.apply(tenantObject('news'));
    await is('default stays');
  });
});
