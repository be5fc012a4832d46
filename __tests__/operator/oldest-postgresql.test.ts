import { Client } from 'pg';
import { hasInstallations, installationOf } from '../postgresql/installations';
import { until } from '../until';
import { Lab } from './lab';
import { loginOf } from './login';
import { tenantObject } from './tenant-object';

const named = (name: string, more = {}) =>
  tenantObject(name, { database: { name: `tenant_${name}`, deletionPolicy: 'Delete', connectionLimit: 0, ...more } });

/** The rest of what an operator does to a server is the same on all versions: see the other tests about databases. */
(hasInstallations() ? describe : describe.skip)('on PostgreSQL 16, the oldest that it takes, an operator', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create({ postgresql: installationOf(16) });
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.apply(named('first'));
    await lab.untilReady('first');
  });
  afterAll(() => lab?.remove());

  const passwordOf = async (tenant: string) => (await loginOf(lab, tenant)).password;
  const logsIn = async (tenant: string, database = `tenant_${tenant}`) =>
    lab.logsIn(`tenant_${tenant}`, await passwordOf(tenant), database);

  test('makes role and database, which nobody else gets into', async () => {
    const [server] = await lab.query<{ server_version: string }>('SHOW server_version');
    expect(server?.server_version).toMatch(/^16\./);
    await lab.apply(named('second'));
    await lab.untilReady('second');
    expect(await logsIn('first')).toBe(true);
    expect(await logsIn('second', 'tenant_first')).toBe(false);
  });

  test('gives back a password that somebody changed', async () => {
    await lab.query("ALTER ROLE tenant_first PASSWORD 'changed behind its back'");
    await until('the one of its Secret is back', () => logsIn('first'));
  });

  test('takes no role and no database that is somebody else’s, and those that were renamed out of the way', async () => {
    await lab.query('CREATE ROLE tenant_taken');
    await lab.apply(named('taken'));
    // The role is there, and no Secret says its password.
    const { message } = await lab.untilReason('taken', 'CredentialsMissing');
    expect(message).toContain('the role tenant_taken exists');
    await lab.query('ALTER ROLE tenant_taken RENAME TO tenant_taken_before');
    await lab.query('CREATE DATABASE tenant_taken');
    await lab.change('taken', { ring: 'canary' });
    await lab.untilReason('taken', 'DatabaseConflict');
    await lab.query('ALTER DATABASE tenant_taken RENAME TO tenant_taken_before');
    await lab.change('taken', { ring: 'general' });
    await lab.untilReady('taken');
    expect(await logsIn('taken')).toBe(true);
  });

  test('says which statement lets another administrator do what has to be done, and that does', async () => {
    await lab.query("CREATE ROLE other_admin LOGIN CREATEROLE CREATEDB PASSWORD 'other'");
    lab.tell({ url: lab.databaseUrl({ username: 'other_admin', password: 'other' }) });
    await lab.query('ALTER ROLE tenant_second CONNECTION LIMIT 7');
    const { message } = await lab.untilReason('second', 'DatabaseForbidden');
    const grant = message.slice(message.indexOf('GRANT'), message.indexOf('. For all roles'));
    await lab.query(grant);
    await lab.change('second', { ring: 'canary' });
    await lab.untilReady('second');
    lab.tell({ url: lab.databaseUrl() });
  });

  test('limits connections', async () => {
    await lab.change('first', named('first', { connectionLimit: 2 }).spec);
    const limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'tenant_first'";
    await until(
      'there is a limit',
      async () => (await lab.query<{ rolconnlimit: number }>(limit))[0]?.rolconnlimit === 2,
    );
  });

  test('drops a database with its role, though somebody is at work in it', async () => {
    const { host, port } = lab.record.postgres;
    const database = 'tenant_first';
    const client = new Client({ host, port, user: database, password: await passwordOf('first'), database });
    client.on('error', () => undefined);
    await until('there is a connection', () => client.connect().then(() => true));
    await lab.change('first', { decommission: true });
    await lab.delete('first');
    await lab.untilClearedAway('first');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_first'")).toEqual([]);
    expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_first'")).toEqual([]);
  });
});
