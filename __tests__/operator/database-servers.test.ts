import { Client } from 'pg';
import { DatabaseServer } from '../examples/database-server';
import { until } from '../until';
import { Lab } from './lab';
import { tenantObject } from './tenant-object';

const POOLER = 'postgresql://pooler.example.com:6432';

describe('an operator that is told of two database servers', () => {
  let lab: Lab;
  let second: DatabaseServer;
  beforeAll(async () => {
    [lab, second] = await Promise.all([Lab.create(), DatabaseServer.start()]);
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, both());
    await lab.apply(tenantObject('here'));
    await lab.apply(on('second', 'there'));
    await lab.untilReady('here', 'there');
  });
  afterAll(async () => {
    await second?.stop();
    await lab?.remove();
  });

  const both = (url = lab.databaseUrl()) => ({
    url,
    'second.url': second.server.operator,
    'second.tenants-url': POOLER,
  });
  const on = (server: string, name: string, more = {}) => {
    const database = { name: `tenant_${name}`, deletionPolicy: 'Delete' as const, server, connectionLimit: 0, ...more };
    return tenantObject(name, { database });
  };
  const ask = async (url: string, statement: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    return client.query(statement).finally(() => client.end());
  };
  const rolesOf = async (url: string) =>
    (await ask(url, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'tenant\\_%'")).rows.map(({ rolname }) => rolname);
  const told = async (tenant: string) => {
    const path = `/apis/apps/v1/namespaces/tenant-${tenant}/deployments/api`;
    const { env } = (await lab.api.request('GET', path)).body.spec.template.spec.containers[0];
    const value = (name: string) => env.find((one: { name: string }) => one.name === name)?.value;
    return `${value('PGHOST')}:${value('PGPORT')}`;
  };

  test('makes each tenant its role and database on its server, and tells it where that is for tenants', async () => {
    expect(await rolesOf(lab.record.postgres.superuser)).toEqual(['tenant_here']);
    expect(await rolesOf(second.server.superuser)).toEqual(['tenant_there']);
    expect(await told('here')).toBe(`127.0.0.1:${lab.postgres.port}`);
    expect(await told('there')).toBe('pooler.example.com:6432');
  });

  test('says which key of its Secret is missing for a server that it is not told of', async () => {
    await lab.apply(on('third', 'nowhere'));
    const { message } = await lab.untilReason('nowhere', 'DatabaseUnknown');
    expect(message).toMatch(/third\.url is missing: .*Correct it in the Secret tenantry-system\/tenantry-database/);
    lab.tell({ ...both(), 'third.url': second.server.operator });
    await lab.untilReady('nowhere');
  });

  test('limits the connections of a tenant, which stays ready when it has used them up', async () => {
    const limit = async () =>
      (await ask(lab.record.postgres.superuser, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'tenant_few'")).rows;
    await lab.apply(on('', 'few', { connectionLimit: 2 }));
    await lab.untilReady('few');
    expect(await limit()).toEqual([{ rolconnlimit: 2 }]);
    const { body } = await lab.api.request('GET', '/api/v1/namespaces/tenant-few/secrets/tenantry-credentials');
    const password = Buffer.from(body.data.password, 'base64').toString();
    const { host, port } = lab.record.postgres;
    const connect = async () => {
      const client = new Client({ host, port, user: 'tenant_few', password, database: 'tenant_few' });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    };
    // The operator logs in as the tenant, too, now and then.
    const held = [await until('there is one', () => connect().catch(() => undefined))];
    held.push(await until('there are two', () => connect().catch(() => undefined)));
    await until('a third is refused', async () => {
      const more = await connect().catch((error) => error);
      if (more instanceof Client) await more.end();
      return (more as { code?: string }).code === '53300';
    });
    await lab.change('few', { ring: 'canary' });
    await lab.untilReady('few');
    await Promise.all(held.map((client) => client.end()));

    await lab.change('few', { database: { name: 'tenant_few', deletionPolicy: 'Delete', connectionLimit: 0 } });
    await until('there is no limit', async () => (await limit())[0].rolconnlimit === -1);
  });

  test('drops a database on the server that it is on', async () => {
    await lab.change('nowhere', { decommission: true });
    await lab.delete('nowhere');
    await lab.untilClearedAway('nowhere');
    expect(await rolesOf(second.server.superuser)).toEqual(['tenant_there']);
  });

  test('makes nothing on an empty server in place of the right one, and goes on where somebody has moved the tenant', async () => {
    const before = await told('here');
    lab.tell(both(second.server.operator));
    const { message } = await lab.untilReason('here', 'DatabaseMissing');
    expect(message).toContain('neither the database tenant_here nor the role tenant_here, which were there before');
    expect(await rolesOf(second.server.superuser)).toEqual(['tenant_there']);
    expect(await told('here')).toBe(before);
    lab.tell(both());
    // What waits for a person is looked at each minute, and when something of it changes.
    await lab.change('here', { ring: 'canary' });
    await lab.untilReady('here');

    // Moved on purpose. As the operator's administrator there, a person does what the message says.
    await lab.change('here', on('second', 'here').spec);
    await lab.untilReason('here', 'DatabaseMissing');
    await ask(second.server.operator, message.slice(message.indexOf('CREATE ROLE')));
    await lab.change('here', { ring: 'canary' });
    const { message: next } = await lab.untilReason('here', 'DatabaseMissing');
    const restore = await until('the role is seen', async () => {
      const found = (await lab.condition('here', 'Ready'))?.message ?? next;
      return found.includes('CREATE DATABASE') && found.slice(found.indexOf('CREATE DATABASE'));
    });
    await ask(second.server.operator, restore);
    await lab.change('here', { ring: 'general' });
    await lab.untilReady('here');
    expect(await told('here')).toBe('pooler.example.com:6432');
  });

  test('keeps waiting for one server from those of the other', async () => {
    await second.stop();
    await lab.untilReason('there', 'DatabaseUnavailable');
    await lab.apply(tenantObject('newer'));
    await lab.untilReady('newer');
  });
});
