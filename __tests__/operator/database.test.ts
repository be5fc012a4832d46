import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { until } from '../until';
import { Lab } from './lab';
import { loginOf } from './login';
import { tenantObject } from './tenant-object';

/** What a database administrator does to the roles and databases of tenants, and to the operator's own role. */
describe('an operator', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    // It looks into the database almost as often as at the tenant.
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.apply(tenantObject('bystander'));
    await lab.untilReady('bystander');
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const passwordOf = async (tenant: string) => (await loginOf(lab, tenant)).password;

  test('closes a database to the roles of others, though its own does not inherit the rights of roles that it makes', async () => {
    await lab.query('ALTER ROLE tenantry_operator NOINHERIT');
    await lab.apply(tenantObject('closed'));
    await lab.untilReady('closed');
    await lab.query('ALTER ROLE tenantry_operator INHERIT');

    expect(await lab.logsIn('tenant_closed', await passwordOf('closed'), 'tenant_closed')).toBe(true);
    expect(await lab.logsIn('tenant_bystander', await passwordOf('bystander'), 'tenant_closed')).toBe(false);
  });

  test.each([
    ['it may not', 'NOLOGIN'],
    ['its time is over', "VALID UNTIL '2020-01-01'"],
  ])('says that a role cannot log in when %s, leaves that as it is, and goes on once it can', async (_, attribute) => {
    await lab.query(`ALTER ROLE tenant_bystander ${attribute}`);
    const { message } = await lab.untilReason('bystander', 'LoginForbidden');
    expect(message).toContain('ALTER ROLE "tenant_bystander" LOGIN VALID UNTIL \'infinity\'');
    expect(lab.writes.list().filter(({ system }) => system === 'postgresql')).toEqual([]);

    await lab.query("ALTER ROLE tenant_bystander LOGIN VALID UNTIL 'infinity'");
    await lab.change('bystander', { ring: attribute === 'NOLOGIN' ? 'canary' : 'general' });
    await lab.untilReady('bystander');
  });

  test('keeps tenants out of the databases that come with the server, once these are closed as the docs say', async () => {
    const password = await passwordOf('bystander');
    expect(await lab.logsIn('tenant_bystander', password, 'postgres')).toBe(true);
    await lab.query(documented('REVOKE CONNECT'));
    expect(await lab.logsIn('tenant_bystander', password, 'postgres')).toBe(false);
    expect(await lab.logsIn('tenant_bystander', password, 'template1')).toBe(false);

    await lab.apply(tenantObject('later'));
    await lab.untilReady('later');
    const { host, port } = lab.record.postgres;
    const session = new Client({
      host,
      port,
      user: 'tenant_later',
      password: await passwordOf('later'),
      database: 'tenant_later',
    });
    await session.connect();
    const other = new Client({ host, port, user: 'tenant_bystander', password, database: 'tenant_bystander' });
    await other.connect();
    await other.query("SELECT 'nobody else is to read this'");
    const { rows } = await session.query(
      "SELECT query, client_addr FROM pg_stat_activity WHERE usename = 'tenant_bystander'",
    );
    await Promise.all([session.end(), other.end()]);
    expect(rows).toContainEqual({ query: '<insufficient privilege>', client_addr: null });
    expect(JSON.stringify(rows)).not.toContain('nobody else is to read this');
    await lab.query('GRANT CONNECT ON DATABASE postgres TO PUBLIC');
  });

  test('waits for a person where a role that should go has something elsewhere, and says what and where', async () => {
    await lab.apply(tenantObject('sticky', { database: { name: 'tenant_sticky', deletionPolicy: 'Delete' } }));
    await lab.untilReady('sticky');
    await lab.query('CREATE TABLE leftover AS SELECT 1 AS kept');
    await lab.query('ALTER TABLE leftover OWNER TO tenant_sticky');
    await lab.change('sticky', { decommission: true });
    await lab.untilReason('sticky', 'Decommissioned');
    await lab.delete('sticky');
    // The Tenant is gone, whatever becomes of what it leaves: the log tells, and what is counted.
    expect(await lab.tenant('sticky')).toBeUndefined();
    const message = await until('it is said', () => {
      const line = lab
        .output()
        .split('\n')
        .find((one) => one.includes('it cannot be cleared away: RoleInUse'));
      return line !== undefined && (JSON.parse(line).message as string);
    });
    expect(message).toContain('owner of table leftover');
    expect(await lab.metric('tenantry_errors_total', { reason: 'RoleInUse' })).toBeGreaterThan(0);
    const { body } = await lab.api.request('GET', '/api/v1/namespaces/tenant-sticky');
    expect(body.status.phase).toBe('Active');

    await lab.query(advice(message, 'BEGIN'));
    await lab.untilClearedAway('sticky');
    expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_sticky'")).toEqual([]);
    expect(await lab.query('SELECT kept FROM leftover')).toEqual([{ kept: 1 }]);
    await lab.query('DROP TABLE leftover');
  });

  test('asks for the owner of a database back, which the tenant had before, and for no other database', async () => {
    await lab.apply(tenantObject('owner'));
    await lab.untilReady('owner');
    await lab.query('ALTER DATABASE tenant_owner OWNER TO postgres');
    const { message } = await lab.untilReason('owner', 'DatabaseConflict');
    expect(message).toBe(
      'the database tenant_owner belongs to postgres, not to tenant_owner, whose it was. Give it back: ' +
        'ALTER DATABASE "tenant_owner" OWNER TO "tenant_owner"',
    );
    await lab.query(advice(message, 'ALTER DATABASE'));
    await lab.change('owner', { ring: 'canary' });
    await lab.untilReady('owner');
  });

  test('asks for the mark on a role back, which the tenant had before, and for no other role', async () => {
    await lab.query("COMMENT ON ROLE tenant_owner IS 'our best customer'");
    const { message } = await lab.untilReason('owner', 'RoleConflict');
    expect(message).not.toContain('RENAME');
    await lab.query(advice(message, 'COMMENT ON ROLE'));
    await lab.change('owner', { ring: 'general' });
    await lab.untilReady('owner');
  });

  test.each([
    ['order', 'user'],
    ['select', 'group'],
  ])('gives advice that can be pasted for the tenant %s with the database %s', async (name, database) => {
    await lab.apply(tenantObject(name, { database: { name: database, deletionPolicy: 'Delete' } }));
    await lab.untilReady(name);
    await lab.query(`ALTER DATABASE "${database}" RENAME TO aside`);
    const { message } = await lab.untilReason(name, 'DatabaseMissing');
    await lab.query(advice(message, 'CREATE DATABASE'));
    await lab.query(`ALTER ROLE tenant_${name} NOLOGIN`);
    await lab.change(name, { ring: 'canary' });
    const { message: refused } = await lab.untilReason(name, 'LoginForbidden');
    await lab.query(advice(refused, 'ALTER ROLE'));
    await lab.change(name, { ring: 'general' });
    await lab.untilReady(name);
    await lab.query('DROP DATABASE aside');
  });

  describe('whose administrator is another than the one that made the roles', () => {
    const asOther = () => ({ url: lab.databaseUrl({ username: 'other_admin', password: 'other' }) });
    /** As the administrator before. */
    const asFormer = async (statement: string) => {
      await lab.query('SET SESSION AUTHORIZATION tenantry_operator');
      await lab.query(statement);
      await lab.query('RESET SESSION AUTHORIZATION');
    };
    const databaseWrites = () => lab.writes.list().filter(({ system }) => system === 'postgresql');
    beforeAll(async () => {
      await lab.apply(tenantObject('second'));
      await lab.untilReady('second');
      await lab.query("CREATE ROLE other_admin LOGIN CREATEROLE CREATEDB PASSWORD 'other'");
      lab.writes.reset();
      // It is not started anew: it reads what it is told at each login.
      lab.tell(asOther());
    });
    afterAll(async () => {
      lab.tell({ url: lab.databaseUrl() });
      await lab.query('REVOKE tenantry_operator FROM other_admin');
    });

    test('finds all in order and does nothing where each login works and each owner is right', async () => {
      await lab.change('second', { ring: 'canary' });
      await lab.change('bystander', { ring: 'canary' });
      await lab.untilReady('second', 'bystander');
      expect((await lab.condition('second', 'DatabaseReady'))?.status).toBe('True');
      expect(databaseWrites()).toEqual([]);
    });

    test('makes the role and the database of a new tenant', async () => {
      await lab.apply(tenantObject('newer'));
      await lab.untilReady('newer');
    });

    test('says what the one before must grant when a role must be given its password', async () => {
      await lab.query("ALTER ROLE tenant_bystander PASSWORD 'changed behind its back'");
      const { message } = await lab.untilReason('bystander', 'DatabaseForbidden');
      const grant = 'GRANT "tenant_bystander" TO "other_admin" WITH ADMIN TRUE, INHERIT TRUE, SET TRUE';
      expect(message).toContain(`As tenantry_operator or a superuser: ${grant}. For all roles`);
      expect((await lab.condition('bystander', 'Stalled'))?.status).toBe('True');
      expect(databaseWrites()).toEqual([]);

      await asFormer(grant);
      await lab.change('bystander', { ring: 'general' });
      await lab.untilReady('bystander');
      expect(await lab.logsIn('tenant_bystander', await passwordOf('bystander'), 'tenant_bystander')).toBe(true);
    });

    test('says what a superuser may grant once for all of them, and then closes what was opened, and drops', async () => {
      await lab.query('GRANT CONNECT ON DATABASE tenant_second TO PUBLIC');
      const { message } = await lab.untilReason('second', 'DatabaseForbidden');
      expect(message).toContain('the database tenant_second must be closed to the roles of others');
      await lab.query(advice(message, 'GRANT "tenantry_operator"'));
      await lab.change('second', { ring: 'general' });
      await lab.untilReady('second');
      expect(await lab.logsIn('tenant_bystander', await passwordOf('bystander'), 'tenant_second')).toBe(false);

      await lab.change('second', {
        decommission: true,
        database: { name: 'tenant_second', deletionPolicy: 'Delete' },
      });
      await lab.delete('second');
      await lab.untilClearedAway('second');
      expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_second'")).toEqual([]);
      expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_second'")).toEqual([]);
    });
  });

  describe('whose administrator gets another password', () => {
    const password = 'of-today';
    afterAll(async () => {
      await lab.query(`ALTER ROLE tenantry_operator PASSWORD '${new URL(lab.databaseUrl()).password}'`);
      lab.tell({ url: lab.databaseUrl() });
      await lab.untilReady('bystander');
    });

    test('waits for it with pods that run on, says where it belongs, and goes on with it, without a restart', async () => {
      await lab.query(`ALTER ROLE tenantry_operator PASSWORD '${password}'`);
      const { message } = await lab.untilReason('bystander', 'AdministratorRefused');
      expect(message).toContain('does not let in tenantry_operator, as whom the operator logs in');
      expect((await lab.condition('bystander', 'Stalled'))?.status).toBe('False');

      lab.tell({ url: lab.databaseUrl({ password }) });
      await lab.untilReady('bystander');
      expect(lab.writes.list().filter(({ system }) => system === 'postgresql')).toEqual([]);
    });
  });

  describe('whose administrators are two users in turn that act as one role', () => {
    beforeAll(async () => {
      await lab.query(documented('CREATE ROLE tenantry NOLOGIN'));
      lab.tell({ url: lab.databaseUrl({ username: 'tenantry_blue', password: 'a long random one' }) });
    });
    afterAll(() => lab.tell({ url: lab.databaseUrl() }));

    test('lets each do with tenants all that the other has begun, and no tenant hears of it', async () => {
      await lab.apply(tenantObject('turns', { database: { name: 'tenant_turns', deletionPolicy: 'Delete' } }));
      await lab.untilReady('turns');
      const before = (await lab.tenant('turns'))?.status;

      await lab.query("ALTER ROLE tenantry_green PASSWORD 'new'");
      lab.tell({ url: lab.databaseUrl({ username: 'tenantry_green', password: 'new' }) });
      await lab.query('ALTER ROLE tenantry_blue NOLOGIN');
      await lab.query("ALTER ROLE tenant_turns PASSWORD 'changed behind its back'");
      await until('its password is put back', async () =>
        lab.logsIn('tenant_turns', await passwordOf('turns'), 'tenant_turns'),
      );
      expect((await lab.tenant('turns'))?.status).toEqual(before);

      await lab.change('turns', { decommission: true });
      await lab.delete('turns');
      await lab.untilClearedAway('turns');
      expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_turns'")).toEqual([]);
    });
  });

  test('drops no database in which a superuser is at work, says how to end that, and drops it then', async () => {
    await lab.apply(tenantObject('busy', { database: { name: 'tenant_busy', deletionPolicy: 'Delete' } }));
    await lab.untilReady('busy');
    const connectionString = Object.assign(new URL(lab.record.postgres.superuser), { pathname: 'tenant_busy' }).href;
    const superuser = new Client({ connectionString });
    superuser.on('error', () => undefined);
    await superuser.connect();
    await lab.change('busy', { decommission: true });
    await lab.delete('busy');
    const message = await until('it is said', () => {
      const line = lab
        .output()
        .split('\n')
        .find((one) => one.includes('it cannot be cleared away: DatabaseInUse'));
      return line !== undefined && (JSON.parse(line).message as string);
    });
    expect(message).toContain('whom the operator may not interrupt, such as those of postgres');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_busy'")).toHaveLength(1);

    await lab.query(advice(message, 'SELECT pg_terminate_backend'));
    await lab.untilClearedAway('busy');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_busy'")).toEqual([]);
  });

  test('brings over the Secret of an operator before this one, without PostgreSQL, and starts no pod again', async () => {
    const secrets = '/api/v1/namespaces/tenant-moving/secrets';
    const deployments = '/apis/apps/v1/namespaces/tenant-moving/deployments';
    const read = async (path: string) => (await lab.api.request('GET', path)).body;
    await lab.apply(tenantObject('moving'));
    await lab.untilReady('moving');
    const { data, type } = await read(`${secrets}/tenantry-credentials`);
    // As it was left by the operator before: the Secret of the former name, and pods that run with its version.
    await lab.stop();
    await lab.api.request('DELETE', `${secrets}/tenantry-credentials`);
    const metadata = { name: 'database', namespace: 'tenant-moving' };
    await lab.api.create({ apiVersion: 'v1', kind: 'Secret', metadata, type, data });
    const former = await read(`${secrets}/database`);
    const parts = [former.metadata.uid, ...[data.username, data.password].map((one) => Buffer.from(one, 'base64'))];
    const version = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
    const annotations = { 'tenantry.dev/credentials': version };
    for (const name of ['api', 'web'])
      await lab.api.request('PATCH', `${deployments}/${name}`, { spec: { template: { metadata: { annotations } } } });

    await lab.postgres.refuse();
    await lab.start({ RESYNC_SECONDS: '1' });
    const copy = await until('there is a copy', async () => {
      const found = await read(`${secrets}/tenantry-credentials`);
      return found.data !== undefined && found;
    });
    expect(copy.data).toEqual(data);
    expect(copy.metadata.labels).toMatchObject({ 'tenantry.dev/tenant': 'moving' });
    await lab.postgres.accept();
    await lab.change('moving', { ring: 'canary' });
    await lab.untilReady('moving');
    for (const { spec } of (await read(deployments)).items)
      expect(spec.template.metadata.annotations).toEqual(annotations);
    expect(await read(`${secrets}/database`)).toEqual(former);
  });

  test('makes no empty database in place of one that is gone, and goes on with the one that a person puts there', async () => {
    await lab.apply(tenantObject('lost'));
    await lab.untilReady('lost');
    await lab.query('ALTER DATABASE tenant_lost RENAME TO tenant_lost_aside');
    const { message } = await lab.untilReason('lost', 'DatabaseMissing');
    expect(message).toContain('Restore it from a backup, with the owner tenant_lost');
    lab.kill();
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.change('lost', { ring: 'canary' });
    await lab.untilReason('lost', 'DatabaseMissing');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_lost'")).toEqual([]);

    await lab.query('ALTER DATABASE tenant_lost_aside RENAME TO tenant_lost');
    await lab.change('lost', { ring: 'general' });
    await lab.untilReady('lost');
  });

  test('sends no service to a server that never answered, such as one whose address has a mistake', async () => {
    const path = '/apis/apps/v1/namespaces/tenant-bystander/deployments/api';
    const containers = async () => (await lab.api.request('GET', path)).body.spec.template.spec.containers;
    const before = await containers();
    await lab.stop();
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, { url: lab.databaseUrl({ port: '1' }) });
    await lab.untilReason('bystander', 'DatabaseUnavailable');
    expect(await containers()).toEqual(before);

    await lab.stop();
    await lab.start({ RESYNC_SECONDS: '1' });
    await lab.untilReady('bystander');
    expect(await containers()).toEqual(before);
  });
});

/** The SQL of docs/database.md that begins so. */
function documented(start: string): string {
  const page = readFileSync(join(__dirname, '../../docs/database.md'), 'utf8');
  const found = [...page.matchAll(/```sql\n([^`]+)```/g)].find(([, sql]) => sql?.startsWith(start));
  if (!found?.[1]) throw new Error(`docs/database.md has no SQL that begins with ${start}`);
  return found[1];
}

/** The statement in a message, as a person would copy it: from its first words to the end of the message. */
function advice(message: string, start: string): string {
  const from = message.indexOf(start);
  if (from < 0) throw new Error(`There is no ${start} in: ${message}`);
  return message.slice(from);
}
