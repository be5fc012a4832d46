import { Client } from 'pg';
import { hasPgBouncer, PgBouncer, type PgBouncerOptions } from '../postgresql/pgbouncer';
import { until } from '../until';
import { Lab } from './lab';
import { loginOf } from './login';
import { RunningPods } from './running-pods';
import { image, service, tenantObject } from './tenant-object';

const MODES: readonly PgBouncerOptions['mode'][] = ['session', 'transaction'];

(hasPgBouncer() ? describe : describe.skip).each(MODES)('behind PgBouncer, by %s', (mode) => {
  let lab: Lab;
  let pooler: PgBouncer;
  let pods: RunningPods;
  beforeAll(async () => {
    lab = await Lab.create();
    pooler = await PgBouncer.start({ server: lab.record.postgres.superuser, mode });
    // The operator itself goes through it, too.
    const url = lab.databaseUrl({ port: String(pooler.port) });
    await lab.start({ RESYNC_SECONDS: '1' }, undefined, { url });
    pods = new RunningPods(lab, pooler.port);
  });
  afterAll(async () => {
    await pods?.stop();
    await pooler?.stop();
    await lab?.remove();
  });

  const spec = (more = {}, api = 1) => ({
    database: { name: 'tenant_acme', deletionPolicy: 'Delete' as const, ...more },
    services: [service('api', api, { stopSeconds: 1 })],
  });
  const asTenant = async (statement: string) => {
    const { port } = pooler;
    const client = new Client({ host: '127.0.0.1', port, ...(await loginOf(lab, 'acme')), database: 'tenant_acme' });
    await client.connect();
    return (await client.query(statement).finally(() => client.end())).rows;
  };

  test('a tenant is made, and its services come through', async () => {
    await lab.apply(tenantObject('acme', spec()));
    await lab.untilReady('acme');
    expect(await asTenant('SELECT current_user')).toEqual([{ current_user: 'tenant_acme' }]);
    await asTenant('CREATE TABLE visits (pod text)');
  });

  test('its password rotates, with a new image, and no login is refused; what it makes is its owner’s', async () => {
    pods.watch('acme');
    await until('pods are there', async () => (await asTenant('SELECT 1 FROM visits')).length > 0);
    for (const [index, rotation] of ['a', 'b'].entries()) {
      const former = await loginOf(lab, 'acme');
      await lab.change('acme', spec({ rotation }, 2 + index));
      await until('it has new credentials', async () => (await loginOf(lab, 'acme')).user !== former.user);
      await lab.untilReady('acme');
      expect((await lab.tenant('acme'))?.status?.services?.[0]?.image).toBe(image('api', 2 + index));
      await until('the former ones are closed', async () => {
        const [role] = await lab.query('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1', [former.user]);
        return role?.rolcanlogin === false;
      });
      await asTenant(`CREATE TABLE of_${rotation} ()`);
    }
    expect(pods.refused).toEqual([]);
    const owners = await asTenant("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'");
    expect(owners).toEqual([{ tableowner: 'tenant_acme' }]);
  });

  test('a password that a person writes into the Secret is in force', async () => {
    pods.forget('acme');
    const path = '/api/v1/namespaces/tenant-acme/secrets/tenantry-credentials';
    await lab.api.request('PATCH', path, { stringData: { password: 'of a person' } });
    await until('it is', () => asTenant('SELECT 1').catch(() => false));
  });

  test('its database is dropped, with both roles, though the pooler keeps connections to it', async () => {
    await asTenant('SELECT 1');
    await lab.change('acme', { decommission: true });
    await lab.delete('acme');
    await lab.untilClearedAway('acme');
    expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_acme'")).toEqual([]);
    expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname IN ('tenant_acme', 'login2_acme')")).toEqual([]);
  });
});
