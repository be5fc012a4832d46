import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import type { TenantSpec } from '../../lib/tenant/spec';
import { findExecutable } from '../../local/programs/executable';
import { commandsBelow } from '../docs/page-commands';
import { DatabaseServer } from '../examples/database-server';
import { hasInstallations, installationOf, type Version } from '../postgresql/installations';
import { until } from '../until';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

const only = (heading: string) => commandsBelow('restore.md', heading)[0] as string;
const BACKUP = only('Backup');
const BESIDE = only('Restore beside');
const RENAME = only('The database is gone');
const [SWAP, MIGRATE] = commandsBelow('restore.md', 'The data is wrong') as [string, string];

/** What is in the database, and to whom it belongs; what gets lost shows. */
const FACTS = `
  SELECT (SELECT json_agg(notes ORDER BY id) FROM notes) AS notes,
         (SELECT json_agg(DISTINCT pg_get_userbyid(relowner)) FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS owners,
         (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) AS owner,
         has_database_privilege('public', current_database()::text, 'CONNECT') AS open,
         (SELECT json_agg(extname ORDER BY extname) FROM pg_extension) AS extensions,
         nextval('notes_id_seq') > 3 AS goes_on`;
const DATA = `
  CREATE EXTENSION citext;
  CREATE TABLE notes (id serial PRIMARY KEY, title citext UNIQUE);
  CREATE VIEW titles AS SELECT title FROM notes;
  INSERT INTO notes (title) VALUES ('one'), ('two'), ('three')`;
const WHOLE = {
  notes: [
    { id: 1, title: 'one' },
    { id: 2, title: 'two' },
    { id: 3, title: 'three' },
  ],
  owners: ['tenant_globex'],
  owner: 'tenant_globex',
  open: false,
  extensions: ['citext', 'plpgsql'],
  goes_on: true,
};

(hasInstallations() ? describe : describe.skip)('what docs/restore.md has to be typed', () => {
  let lab: Lab;
  let second: DatabaseServer;
  let folder: string;
  let elsewhere: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-restore-'));
    [lab, second] = await Promise.all([Lab.create(), DatabaseServer.start()]);
    elsewhere = second.server.superuser;
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, { url: lab.databaseUrl(), 'eu-2.url': second.server.operator });
    await lab.apply(tenantObject('globex', { services: [service('api', 1, { migrate: ['migrate'] })] }));
    await lab.untilReady('globex');
    await asTenant(DATA);
    expect(await typed(BACKUP)).toEqual(DONE);
  });
  afterAll(async () => {
    await second?.stop();
    await lab?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const DONE = { status: 0, output: expect.anything() };
  const asked = async (url: string, statement: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    return (await client.query(statement).finally(() => client.end())).rows;
  };
  const inDatabase = (url: string, database = 'tenant_globex') =>
    Object.assign(new URL(url), { pathname: database }).href;
  const facts = async (url = lab.record.postgres.superuser) => (await asked(inDatabase(url), FACTS))[0];
  const secretOf = async (tenant: string) =>
    (await lab.api.request('GET', `/api/v1/namespaces/tenant-${tenant}/secrets/tenantry-credentials`)).body;
  const tenantUrl = async (url = lab.record.postgres.superuser) => {
    const password = Buffer.from((await secretOf('globex')).data.password, 'base64').toString();
    return inDatabase(Object.assign(new URL(url), { username: 'tenant_globex', password }).href);
  };
  const asTenant = async (statement: string) => asked(await tenantUrl(), statement);
  const roles = () =>
    lab.query("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'tenant\\_%' ORDER BY 1");
  const databases = async (url = lab.record.postgres.superuser) =>
    (await asked(url, "SELECT datname FROM pg_database WHERE datname LIKE '%tenant\\_%' ORDER BY 1")).map(
      (row) => row.datname,
    );
  const pods = async (): Promise<readonly { metadata: { uid: string } }[]> =>
    (await lab.api.request('GET', '/api/v1/namespaces/tenant-globex/pods?labelSelector=tenantry.dev/service')).body
      .items;
  const set = (changes: Partial<TenantSpec>) => lab.change('globex', changes);
  const suspended = () => lab.untilReason('globex', 'Suspended');

  /** Types it as the page has it, in a shell of the operator's administrator. */
  function typed(command: string, { server = lab.record.postgres.operator, version = 18 as Version } = {}) {
    const { hostname, port, username, password } = new URL(server);
    const address = { 'db.example.com': hostname, 'PGPORT=5432': `PGPORT=${port}` };
    const here = Object.entries(address).reduce((text, [from, to]) => text.replaceAll(from, to), command);
    const env = {
      PATH: `${join(installationOf(version), 'bin')}${delimiter}${process.env.PATH}`,
      HOME: folder,
      KUBECONFIG: lab.record.kubernetes.kubeconfig,
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: password,
      PGSSLMODE: 'disable',
    };
    const admin = 'kubectl() { command kubectl --context=admin "$@"; }\n';
    const argv = ['-euo', 'pipefail', '-c', admin + here];
    // The operator's proxies live in this process: they go on meanwhile.
    return new Promise<{ status: number | null; output: string }>((resolve) => {
      const child = execFile('bash', argv, { cwd: folder, env, timeout: 120_000 }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode, output: `${stdout}${stderr}` }),
      );
    });
  }

  test('brings back a database that somebody dropped, with all that was in it, and pods run on', async () => {
    const [before, running] = [await roles(), (await pods()).map(({ metadata }) => metadata.uid)];
    await lab.query('DROP DATABASE tenant_globex WITH (FORCE)');
    await lab.untilReason('globex', 'DatabaseMissing');
    expect(await typed(BESIDE)).toEqual(DONE);
    expect(await databases()).toEqual(['restored_tenant_globex']);
    expect(await typed(RENAME)).toEqual(DONE);
    await set({ ring: 'canary' });
    await lab.untilReady('globex');
    expect(await facts()).toEqual(WHOLE);
    expect(await roles()).toEqual(before);
    expect(await databases()).toEqual(['tenant_globex']);
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual(running);
    expect(await asTenant("SELECT title::text FROM notes WHERE title = 'ONE'")).toEqual([{ title: 'one' }]);
  });

  test('brings back the role with it, when that is gone too', async () => {
    await lab.query('DROP DATABASE tenant_globex WITH (FORCE)');
    await lab.query('DROP ROLE tenant_globex');
    await set({ ring: 'general' });
    const { message } = await until('it says how to make the role', async () => {
      const found = await lab.untilReason('globex', 'DatabaseMissing');
      return found.message.includes('CREATE ROLE') && found;
    });
    await asked(lab.record.postgres.operator, message.slice(message.indexOf('CREATE ROLE')));
    expect(await typed(BESIDE)).toEqual(DONE);
    expect(await typed(RENAME)).toEqual(DONE);
    await set({ ring: 'canary' });
    await lab.untilReady('globex');
    expect(await facts()).toEqual(WHOLE);
    expect(await asTenant('SELECT count(*)::int AS notes FROM notes')).toEqual([{ notes: 3 }]);
  });

  test('goes back to the data of the dump while no pod runs, and keeps what there was', async () => {
    await asTenant("DELETE FROM notes; INSERT INTO notes (title) VALUES ('wrong')");
    const before = await roles();
    expect(await typed(BESIDE)).toEqual(DONE);
    await set({ suspend: true });
    await suspended();
    await until('its pods are gone', async () => (await pods()).length === 0);
    await until('nobody is in it', async () => (await typed(SWAP)).status === 0);
    expect(await pods()).toEqual([]);
    await set({ suspend: false });
    await lab.untilReady('globex');
    expect(await facts()).toEqual(WHOLE);
    expect(await roles()).toEqual(before);
    expect(await databases()).toEqual(['before_tenant_globex', 'tenant_globex']);
    const left = await asked(
      inDatabase(lab.record.postgres.superuser, 'before_tenant_globex'),
      'SELECT title FROM notes',
    );
    expect(left).toEqual([{ title: 'wrong' }]);
    await asked(lab.record.postgres.operator, 'DROP DATABASE before_tenant_globex');
  });

  (findExecutable('kubectl') && findExecutable('jq') ? test : test.skip)(
    'runs migrations again that the dump does not have, before pods come back',
    async () => {
      const jobs = '/apis/batch/v1/namespaces/tenant-globex/jobs';
      const done = async () => (await lab.api.request('GET', jobs)).body.items;
      await set({ suspend: true });
      await suspended();
      const [before] = await done();
      expect(await typed(MIGRATE)).toEqual(DONE);
      const [after, ...more] = await done();
      expect(more).toEqual([]);
      expect(after.metadata.name).toBe(before.metadata.name);
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
      expect(after.status.succeeded).toBe(1);
      expect(after.spec.template.spec.containers).toEqual(before.spec.template.spec.containers);
      expect(await pods()).toEqual([]);
      await set({ suspend: false });
      await lab.untilReady('globex');
      expect((await done()).map(({ metadata }: { metadata: { uid: string } }) => metadata.uid)).toEqual([
        after.metadata.uid,
      ]);
    },
  );

  test('a dump that breaks off is no backup, and a restore of it changes nothing', async () => {
    expect(await typed(BACKUP)).toEqual(DONE);
    // The last table's data, and what comes after it.
    await typed('cp globex.dump whole; cp globex.dump globex.dump.part');
    truncateSync(join(folder, 'globex.dump.part'), 2800);
    const checks = BACKUP.slice(BACKUP.indexOf('pg_restore'));
    expect(await typed(checks)).toEqual({
      status: 1,
      output: expect.stringContaining('could not read from input file: end of file'),
    });
    await typed('cmp globex.dump whole && cp globex.dump.part globex.dump');
    const before = await facts();
    expect(await typed(BESIDE)).toEqual({
      status: 1,
      output: expect.stringContaining('could not read from input file: end of file'),
    });
    const tables = "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    expect(await asked(inDatabase(lab.record.postgres.superuser, 'restored_tenant_globex'), tables)).toEqual([]);
    expect(await facts()).toEqual(before);
    await lab.untilReady('globex');
    await typed('cp whole globex.dump');
    expect(await typed('psql --dbname=postgres --command="DROP DATABASE restored_tenant_globex"')).toEqual(DONE);
  });

  test('a dump that fails leaves the one of before, for whoever pastes all lines at once', async () => {
    expect(await typed(BACKUP)).toEqual(DONE);
    await typed('cp globex.dump whole');
    const inIt = inDatabase(lab.record.postgres.superuser);
    await asked(inIt, 'CREATE TABLE of_somebody_else ()');
    expect((await typed(`set +e\n${BACKUP}`)).output).toContain('permission denied for table of_somebody_else');
    expect(await typed('cmp globex.dump whole')).toEqual(DONE);
    await asked(inIt, 'DROP TABLE of_somebody_else');
  });

  test('a restore into a database that has data, or on the wrong server, is refused and changes nothing', async () => {
    const before = await facts();
    const over = BESIDE.slice(BESIDE.indexOf('pg_restore')).replace('restored_tenant_globex', 'tenant_globex');
    expect(await typed(over)).toEqual({ status: 1, output: expect.stringContaining('already exists') });
    expect(await facts()).toEqual(before);
    expect(await typed(BESIDE, { server: second.server.operator })).toEqual({
      status: expect.any(Number),
      output: expect.stringContaining('role "tenant_globex" does not exist'),
    });
    expect(await databases(elsewhere)).toEqual([]);
  });

  test('moves a tenant to another server, while no pod runs', async () => {
    await set({ suspend: true });
    await suspended();
    expect(await typed(BACKUP)).toEqual(DONE);
    const database = { name: 'tenant_globex', deletionPolicy: 'Retain' as const, server: 'eu-2', connectionLimit: 0 };
    await set({ database });
    const { message } = await lab.untilReason('globex', 'DatabaseMissing');
    await asked(second.server.operator, message.slice(message.indexOf('CREATE ROLE')));
    expect(await typed(BESIDE, { server: second.server.operator })).toEqual(DONE);
    expect(await typed(RENAME, { server: second.server.operator })).toEqual(DONE);
    expect(await pods()).toEqual([]);
    await set({ suspend: false });
    await lab.untilReady('globex');
    expect(await facts(elsewhere)).toEqual(WHOLE);
    expect(await asked(await tenantUrl(elsewhere), 'SELECT count(*)::int AS notes FROM notes')).toEqual([{ notes: 3 }]);
    expect(await databases()).toEqual(['tenant_globex']);
    await set({ database: { ...database, server: '' } });
    await lab.untilReady('globex');
  });

  test('begins a new tenant with a dump: no pod and no migration runs before that', async () => {
    const name = 'acme';
    const there = (command: string) => typed(command.replaceAll('tenant_globex', 'tenant_acme'));
    const jobs = async () => (await lab.api.request('GET', `/apis/batch/v1/namespaces/tenant-${name}/jobs`)).body.items;
    await lab.apply(tenantObject(name, { suspend: true, services: [service('api', 1, { migrate: ['migrate'] })] }));
    await lab.untilReason(name, 'Suspended');
    expect(await databases()).toContain('tenant_acme');
    expect(await there(BESIDE)).toEqual(DONE);
    await until('nobody is in it', async () => (await there(SWAP)).status === 0);
    expect(await jobs()).toEqual([]);
    expect(await there('psql --dbname=postgres --command="DROP DATABASE before_tenant_globex"')).toEqual(DONE);
    const restored = Date.now();
    await lab.change(name, { suspend: false });
    await lab.untilReady(name);
    const [job] = await jobs();
    expect(Date.parse(job.metadata.creationTimestamp)).toBeGreaterThanOrEqual(restored - 1000);
    const [found] = await asked(inDatabase(lab.record.postgres.superuser, 'tenant_acme'), FACTS);
    expect(found).toEqual({ ...WHOLE, owners: ['tenant_acme'], owner: 'tenant_acme' });
    expect((await databases()).sort()).toEqual(['tenant_acme', 'tenant_globex']);
  });

  test('no command means the database of now by a name that PostgreSQL cuts off, however long it is', async () => {
    const name = 'a'.repeat(56);
    const there = (command: string) => typed(command.replaceAll('tenant_globex', `tenant_${name}`));
    await lab.apply(tenantObject(name, { suspend: true }));
    await lab.untilReason(name, 'Suspended');
    const now = async () => lab.query('SELECT oid FROM pg_database WHERE datname = $1', [`tenant_${name}`]);
    const [before] = await now();
    expect(await there(BESIDE)).toEqual(DONE);
    expect(await there('psql --dbname=postgres --command="DROP DATABASE restored_tenant_globex"')).toEqual(DONE);
    expect(await now()).toEqual([before]);
    expect(await there(BESIDE)).toEqual(DONE);
    await until('nobody is in it', async () => (await there(SWAP)).status === 0);
    const [after] = await now();
    expect(after).not.toEqual(before);
    await until('nobody is in that of before', async () => {
      return (await there('psql --dbname=postgres --command="DROP DATABASE before_tenant_globex"')).status === 0;
    });
    expect(await now()).toEqual([after]);
  });

  describe('to PostgreSQL 16', () => {
    let oldest: DatabaseServer;
    beforeAll(async () => {
      oldest = await DatabaseServer.start(installationOf(16));
      await asked(
        oldest.server.operator,
        'CREATE ROLE tenant_globex; GRANT tenant_globex TO CURRENT_USER WITH INHERIT TRUE, SET TRUE',
      );
    });
    afterAll(() => oldest?.stop());

    test('is refused by tools that are newer, and done by its own', async () => {
      const server = oldest.server.operator;
      const superuser = oldest.server.superuser;
      await asked(lab.record.postgres.superuser, 'SELECT 1');
      expect(await typed(BESIDE, { server })).toEqual({
        status: 1,
        output: expect.stringContaining('unrecognized configuration parameter'),
      });
      expect(
        await typed('psql --dbname=postgres --command="DROP DATABASE restored_tenant_globex"', { server }),
      ).toEqual(DONE);
      await asked(server, 'CREATE DATABASE tenant_globex OWNER tenant_globex TEMPLATE template0');
      await asked(
        inDatabase(server),
        `SET ROLE tenant_globex; ${DATA.replaceAll('citext', 'text').replace('CREATE EXTENSION text;', '')}`,
      );
      await asked(server, 'REVOKE ALL ON DATABASE tenant_globex FROM PUBLIC');
      expect(await typed(BACKUP, { server, version: 16 })).toEqual(DONE);
      expect(await typed(BESIDE, { server, version: 16 })).toEqual(DONE);
      expect(await typed(SWAP, { server, version: 16 })).toEqual(DONE);
      expect(await facts(superuser)).toEqual({ ...WHOLE, extensions: ['plpgsql'] });
    });
  });
});
