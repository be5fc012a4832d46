import { Client } from 'pg';
import type { TenantSpec } from '../../lib/tenant/spec';
import { until } from '../until';
import { crashAt, type Point, worded } from './crash-point';
import { ALL } from './extent';
import { Lab } from './lab';
import { type Login, loginOf } from './login';
import { RunningPods } from './running-pods';
import { service, tenantObject } from './tenant-object';

/** Pods that may take a second to end: those that have the former credentials are soon gone for sure. */
const services = (n = 1) => [service('api', n, { stopSeconds: 1 })];
const database = (name: string, more: Partial<TenantSpec['database']> = {}): TenantSpec['database'] => ({
  name: `tenant_${name}`,
  deletionPolicy: 'Delete',
  ...more,
});
const ask = (lab: Lab, name: string, rotation: string) => lab.change(name, { database: database(name, { rotation }) });

/** The word that a tenant's credentials were asked for by. */
async function wordOf(lab: Lab, name: string): Promise<string | undefined> {
  const { body } = await lab.api.request('GET', `/api/v1/namespaces/tenant-${name}/secrets/tenantry-credentials`);
  return body.metadata.annotations?.['tenantry.dev/rotation'];
}

interface Role {
  readonly rolname: string;
  readonly rolcanlogin: boolean;
  readonly has_password: boolean;
  readonly rolconnlimit: number;
}

function rolesOf(lab: Lab, name: string): Promise<Role[]> {
  return lab.query<Role>(
    `SELECT rolname, rolcanlogin, rolpassword IS NOT NULL AS has_password, rolconnlimit FROM pg_authid
     WHERE rolname IN ($1, $2) ORDER BY rolname`,
    [`tenant_${name}`, `login2_${name}`],
  );
}

/** Waits until a tenant has the credentials that it asks for, and the former ones are of no use any more. */
async function untilRotated(lab: Lab, name: string, word: string): Promise<Login> {
  await until(`${name} has new credentials`, async () => (await wordOf(lab, name)) === word);
  await lab.untilReady(name);
  const login = await loginOf(lab, name);
  await until(`the former credentials of ${name} are closed`, async () => {
    const open = (await rolesOf(lab, name)).filter((role) => role.rolcanlogin || role.has_password);
    return open.length === 1 && open[0]?.rolname === login.user;
  });
  return login;
}

async function connect(lab: Lab, name: string, login: Login): Promise<Client> {
  const { host, port } = lab.record.postgres;
  const client = new Client({ host, port, ...login, database: `tenant_${name}` });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** As one of the tenant's services. */
async function asTenant(lab: Lab, name: string, statement: string) {
  const client = await connect(lab, name, await loginOf(lab, name));
  return (await client.query(statement).finally(() => client.end())).rows;
}

const oidOf = async (lab: Lab, name: string) =>
  (await lab.query('SELECT oid FROM pg_database WHERE datname = $1', [`tenant_${name}`]))[0]?.oid;

/** A tenant whose services write down that they were there. */
async function begin(lab: Lab, name: string): Promise<void> {
  await lab.apply(tenantObject(name, { database: database(name), services: services() }));
  await lab.untilReady(name);
  await asTenant(lab, name, 'CREATE TABLE visits (pod text)');
}

const versionOf = async (lab: Lab, name: string) => {
  const path = `/apis/apps/v1/namespaces/tenant-${name}/deployments/api`;
  const { body } = await lab.api.request('GET', path);
  return body.spec.template.metadata.annotations['tenantry.dev/credentials'];
};

describe('new credentials for the database of a tenant that runs', () => {
  let lab: Lab;
  let pods: RunningPods;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    pods = new RunningPods(lab);
  });
  afterAll(async () => {
    await pods?.stop();
    await lab?.remove();
  });

  test('come again and again without one login that is refused, and the former ones are of no use in the end', async () => {
    await begin(lab, 'acme');
    pods.watch('acme');
    const oid = await oidOf(lab, 'acme');
    const [{ count }] = await until('pods are there', async () => {
      const rows = await asTenant(lab, 'acme', 'SELECT count(*)::int FROM visits');
      return rows[0].count > 0 && rows;
    });
    const logins = [await loginOf(lab, 'acme')];
    for (const word of ['2026-11', '2026-12', '2027-01']) {
      const before = await versionOf(lab, 'acme');
      await ask(lab, 'acme', word);
      logins.push(await untilRotated(lab, 'acme', word));
      expect(await versionOf(lab, 'acme')).not.toBe(before);
      await asTenant(lab, 'acme', `CREATE TABLE "of ${word}" ()`);
    }

    expect(logins.map(({ user }) => user)).toEqual(['tenant_acme', 'login2_acme', 'tenant_acme', 'login2_acme']);
    expect(new Set(logins.map(({ password }) => password)).size).toBe(4);
    const letIn = await Promise.all(logins.map(({ user, password }) => lab.logsIn(user, password, 'tenant_acme')));
    expect(letIn).toEqual([false, false, false, true]);
    expect(await oidOf(lab, 'acme')).toBe(oid);
    const owners = await asTenant(
      lab,
      'acme',
      'SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $$public$$',
    );
    expect(owners).toEqual([{ tableowner: 'tenant_acme' }]);
    const rows = await asTenant(lab, 'acme', 'SELECT count(*)::int FROM visits');
    expect(rows[0].count).toBeGreaterThan(count);
    expect([...pods.letIn.keys()].sort()).toEqual(['login2_acme', 'tenant_acme']);
    expect(pods.refused).toEqual([]);
  });

  test('leave the former ones as they are while a pod has them, however long it takes to end', async () => {
    await begin(lab, 'slow');
    const former = await loginOf(lab, 'slow');
    const { template } = (await lab.api.request('GET', '/apis/apps/v1/namespaces/tenant-slow/deployments/api')).body
      .spec;
    const { 'app.kubernetes.io/name': _, ...labels } = template.metadata.labels;
    const metadata = { name: 'lingers', labels, annotations: template.metadata.annotations };
    // As one on a node that is lost: nobody ends it.
    const spec = { ...template.spec, schedulerName: 'nobody' };
    const { status } = await lab.api.request('POST', '/api/v1/namespaces/tenant-slow/pods', { metadata, spec });
    expect(status).toBe(201);
    await ask(lab, 'slow', 'a');
    await until('it has new ones', async () => (await wordOf(lab, 'slow')) === 'a');
    await lab.untilReady('slow');
    const looks = async () => (await lab.metric('tenantry_reconciles_total', { outcome: 'ready' })) ?? 0;
    const before = await looks();
    await until('it was looked at again and again', async () => (await looks()) > before + 4);
    expect(await lab.logsIn(former.user, former.password, 'tenant_slow')).toBe(true);
    await lab.api.request('DELETE', '/api/v1/namespaces/tenant-slow/pods/lingers', { gracePeriodSeconds: 0 });
    await untilRotated(lab, 'slow', 'a');
    expect(await lab.logsIn(former.user, former.password, 'tenant_slow')).toBe(false);
  });

  test('come at once with another image, and the owner stays the owner for a client that resets its session', async () => {
    await begin(lab, 'both');
    pods.watch('both');
    await lab.change('both', { services: services(2), database: database('both', { rotation: 'a' }) });
    const login = await untilRotated(lab, 'both', 'a');
    const client = await connect(lab, 'both', login);
    await client.query('DISCARD ALL');
    await client.query('CREATE TABLE late ()');
    const { rows } = await client.query(
      'SELECT session_user, current_user, tableowner FROM pg_tables WHERE tablename = $1',
      ['late'],
    );
    await client.end();
    expect(rows).toEqual([{ session_user: 'login2_both', current_user: 'tenant_both', tableowner: 'tenant_both' }]);
    expect(pods.refused).toEqual([]);
  });

  test('are those that it asks for from its first day', async () => {
    const name = 'newer';
    await lab.apply(tenantObject(name, { database: database(name, { rotation: 'a' }), services: services() }));
    await lab.untilReady(name);
    expect(await wordOf(lab, name)).toBe('a');
    expect((await rolesOf(lab, name)).map(({ rolname }) => rolname)).toEqual(['tenant_newer']);
  });

  test(
    'are what a killed operator was to give, once another one has started: no login is refused, and no database is made again',
    async () => {
      await begin(lab, 'reference');
      const phases = ['a', 'b'];
      const points: Record<string, Point[]> = {};
      for (const phase of phases) {
        lab.writes.reset();
        await ask(lab, 'reference', phase);
        await untilRotated(lab, 'reference', phase);
        const writes = [...new Set(lab.writes.list().map((write) => worded(write, 'reference')))];
        // What is told only when it takes long is told in some lives and not in others.
        const certain = writes.filter((what) => !/tenants\/TENANT\/status/.test(what));
        const all = certain.flatMap((what): Point[] => [
          { what, moment: 'before' },
          { what, moment: 'after' },
        ]);
        // Every ninth of them everyday, so that both moments are among them.
        points[phase] = ALL ? all : all.filter((_, index) => index % 9 === 0);
      }
      const numbers = phases.map((phase) => points[phase]?.length ?? 0);
      expect(Math.min(...numbers)).toBeGreaterThan(1);
      process.stderr.write(`crashing at ${numbers.join(' + ')} points\n`);
      for (let index = 0; index < Math.max(...numbers); index++) {
        const name = `crash${index}`;
        await begin(lab, name);
        pods.watch(name);
        const oid = await oidOf(lab, name);
        for (const phase of phases) {
          const point = points[phase]?.[index];
          const crashed = point && crashAt(lab, point, name);
          await ask(lab, name, phase);
          if (crashed) {
            await until(`the operator was killed ${point.moment} ${point.what}`, crashed);
            await lab.start();
          }
          const { user } = await untilRotated(lab, name, phase);
          expect({ point, user }).toEqual({ point, user: `${phase === 'a' ? 'login2' : 'tenant'}_${name}` });
          expect({ point, refused: pods.refused }).toEqual({ point, refused: [] });
          expect({ point, oid: await oidOf(lab, name) }).toEqual({ point, oid });
        }
        pods.forget(name);
      }
    },
    30 * 60_000,
  );
});

describe('new credentials where people do what they do', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    // It looks into the database almost as often as at the tenant.
    await lab.start({ RESYNC_SECONDS: '1' });
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const secret = (name: string) => `/api/v1/namespaces/tenant-${name}/secrets/tenantry-credentials`;
  const advice = (message: string, verb: string) =>
    message.slice(message.indexOf(verb)).split(/; or|\. For all/)[0] as string;

  test("wait where the second role is somebody else's, which is not touched, and the tenant runs on", async () => {
    await begin(lab, 'foreign');
    await lab.query("CREATE ROLE login2_foreign LOGIN PASSWORD 'of somebody else'");
    const [before] = await lab.query("SELECT * FROM pg_authid WHERE rolname = 'login2_foreign'");
    await ask(lab, 'foreign', 'a');
    const { message } = await lab.untilReason('foreign', 'RoleConflict');
    expect(message).toContain('the role login2_foreign exists and was not made for this tenant');
    expect(await lab.query("SELECT * FROM pg_authid WHERE rolname = 'login2_foreign'")).toEqual([before]);
    expect(await asTenant(lab, 'foreign', 'SELECT current_user')).toEqual([{ current_user: 'tenant_foreign' }]);

    await lab.query(advice(message, 'ALTER ROLE'));
    await lab.change('foreign', { ring: 'canary' });
    await untilRotated(lab, 'foreign', 'a');
    expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'login2_foreign_before'")).toHaveLength(1);
  });

  test('limit the connections of both roles', async () => {
    await begin(lab, 'few');
    await lab.change('few', { database: database('few', { rotation: 'a', connectionLimit: 7 }) });
    await untilRotated(lab, 'few', 'a');
    expect((await rolesOf(lab, 'few')).find(({ rolname }) => rolname === 'login2_few')?.rolconnlimit).toBe(7);
    await lab.change('few', { database: database('few', { rotation: 'b', connectionLimit: 8 }) });
    await untilRotated(lab, 'few', 'b');
    expect((await rolesOf(lab, 'few')).find(({ rolname }) => rolname === 'tenant_few')?.rolconnlimit).toBe(8);
  });

  test('go on with a Secret that a person edits: another password, and the role from before', async () => {
    await begin(lab, 'edited');
    const former = await lab.api.request('GET', secret('edited'));
    await ask(lab, 'edited', 'a');
    const { user } = await untilRotated(lab, 'edited', 'a');
    await lab.api.request('PATCH', secret('edited'), { stringData: { password: 'of a person' } });
    await until('the role has it', () => lab.logsIn(user, 'of a person', 'tenant_edited'));

    // A backup from before: it is the truth, until it rotates again.
    const { data } = former.body;
    await lab.api.request('PATCH', secret('edited'), {
      data,
      metadata: { annotations: { 'tenantry.dev/rotation': null } },
    });
    const password = Buffer.from(data.password, 'base64').toString();
    await until('it is in force', () => lab.logsIn('tenant_edited', password, 'tenant_edited'));
    await untilRotated(lab, 'edited', 'a');
    expect(await lab.logsIn('tenant_edited', password, 'tenant_edited')).toBe(false);

    await lab.api.request('PATCH', secret('edited'), { stringData: { username: 'postgres' } });
    const { message } = await lab.untilReason('edited', 'CredentialsInvalid');
    expect(message).toContain('must have "username", which is tenant_edited');
    await lab.api.request('PATCH', secret('edited'), { stringData: { username: 'tenant_edited' } });
    await lab.change('edited', { ring: 'canary' });
    await untilRotated(lab, 'edited', 'a');
  });

  test('leave it to a person to bring back a Secret that is lost, by a command that names a role that is there', async () => {
    await begin(lab, 'lost');
    await ask(lab, 'lost', 'a');
    await untilRotated(lab, 'lost', 'a');
    await lab.api.request('DELETE', secret('lost'));
    const { message } = await lab.untilReason('lost', 'CredentialsMissing');
    const user = /--from-literal=username=(\S+)/.exec(message)?.[1];
    expect(user).toBe('tenant_lost');
    const metadata = { name: 'tenantry-credentials', annotations: { 'tenantry.dev/rotation': 'a' } };
    const stringData = { username: user, password: 'of a person' };
    await lab.api.request('POST', '/api/v1/namespaces/tenant-lost/secrets', { metadata, stringData });
    await lab.change('lost', { ring: 'canary' });
    await untilRotated(lab, 'lost', 'a');
    expect(await lab.logsIn('tenant_lost', 'of a person', 'tenant_lost')).toBe(true);
  });

  test('keep out who may not log in because somebody wants it so', async () => {
    await begin(lab, 'closed');
    await ask(lab, 'closed', 'a');
    const { user } = await untilRotated(lab, 'closed', 'a');
    await lab.query(`ALTER ROLE ${user} NOLOGIN`);
    const { message } = await lab.untilReason('closed', 'LoginForbidden');
    expect((await rolesOf(lab, 'closed')).map(({ rolcanlogin }) => rolcanlogin)).toEqual([false, false]);
    await lab.query(message.slice(message.indexOf('ALTER ROLE')));
    await lab.change('closed', { ring: 'canary' });
    await lab.untilReady('closed');
  });

  test('act as the owner again where somebody has taken that away', async () => {
    await begin(lab, 'apart');
    await ask(lab, 'apart', 'a');
    await untilRotated(lab, 'apart', 'a');
    await lab.query('REVOKE tenant_apart FROM login2_apart CASCADE; ALTER ROLE login2_apart RESET role');
    await lab.query('SET SESSION AUTHORIZATION tenantry_operator');
    await lab.query('REVOKE tenant_apart FROM login2_apart');
    await lab.query('RESET SESSION AUTHORIZATION');
    await lab.change('apart', { ring: 'canary' });
    await until('it is the owner', async () => {
      const rows = await asTenant(lab, 'apart', 'SELECT current_user').catch(() => []);
      return rows[0]?.current_user === 'tenant_apart';
    });
  });

  test('go with the tenant, whose database is dropped with both roles, though a client is still logged in', async () => {
    await begin(lab, 'leaving');
    await ask(lab, 'leaving', 'a');
    const client = await connect(lab, 'leaving', await untilRotated(lab, 'leaving', 'a'));
    await lab.change('leaving', { decommission: true });
    await lab.delete('leaving');
    await lab.untilClearedAway('leaving');
    await client.end().catch(() => undefined);
    expect(await rolesOf(lab, 'leaving')).toEqual([]);
    expect(await oidOf(lab, 'leaving')).toBeUndefined();
  });

  test('come for a tenant that is suspended or decommissioned, and stay with its data', async () => {
    await begin(lab, 'resting');
    await lab.change('resting', { suspend: true });
    await ask(lab, 'resting', 'a');
    await until('it has them', async () => (await wordOf(lab, 'resting')) === 'a');
    await untilRotated(lab, 'resting', 'a');
    const kept = database('resting', { rotation: 'b', deletionPolicy: 'Retain' });
    await lab.change('resting', { suspend: false, decommission: true, database: kept });
    await untilRotated(lab, 'resting', 'b');
    await lab.delete('resting');
    await lab.untilClearedAway('resting');
    expect((await rolesOf(lab, 'resting')).map(({ rolname, rolcanlogin }) => [rolname, rolcanlogin])).toEqual([
      ['login2_resting', false],
      ['tenant_resting', true],
    ]);
  });

  test('wait for what a superuser may grant where another administrator made the roles', async () => {
    for (const name of ['mine', 'theirs']) await begin(lab, name);
    await ask(lab, 'theirs', 'a');
    await untilRotated(lab, 'theirs', 'a');
    await lab.query("CREATE ROLE other_admin LOGIN CREATEROLE CREATEDB PASSWORD 'other'");
    lab.tell({ url: lab.databaseUrl({ username: 'other_admin', password: 'other' }) });
    await ask(lab, 'mine', 'a');
    const { message } = await lab.untilReason('mine', 'DatabaseForbidden');
    expect(message).toContain('the role login2_mine must be made, which acts as tenant_mine, and other_admin');
    expect(message).toContain('GRANT "tenant_mine" TO "other_admin" WITH ADMIN TRUE, INHERIT TRUE, SET TRUE');
    expect(await asTenant(lab, 'mine', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await ask(lab, 'theirs', 'b');
    const { message: second } = await lab.untilReason('theirs', 'DatabaseForbidden');
    expect(second).toContain('the role tenant_theirs must be let in with a new password');

    await lab.query(second.slice(second.indexOf('GRANT "tenantry_operator"')));
    await Promise.all(['mine', 'theirs'].map((name) => lab.change(name, { ring: 'canary' })));
    await untilRotated(lab, 'mine', 'a');
    await untilRotated(lab, 'theirs', 'b');
    lab.tell({ url: lab.databaseUrl() });
  });
});
