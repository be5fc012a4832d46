import { until } from '../until';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';
import { identityOf, versionsOf } from './world';

const NAMES = ['amber', 'blue-sky', 'coral'];

describe('an operator whose tenants are all as they should be', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    for (const name of NAMES) await lab.apply(tenantObject(name));
    await lab.apply(tenantObject('decommissioned', { decommission: true }));
    await lab.untilReady(...NAMES, 'decommissioned');
    await lab.apply(tenantObject('conflicting', { database: { name: 'tenant_amber', deletionPolicy: 'Retain' } }));
    await lab.untilReason('conflicting', 'DatabaseConflict');
  });
  afterAll(() => lab?.remove());

  test('writes nothing when it is started again, when every Tenant is applied again, and when its timer fires', async () => {
    const all = [...NAMES, 'decommissioned', 'conflicting'];
    const state = async () => ({
      versions: await versionsOf(lab, all),
      secrets: await Promise.all(
        all.map((name) => lab.api.request('GET', `/api/v1/namespaces/tenant-${name}/secrets/tenantry-credentials`)),
      ),
      roles: await lab.query("SELECT rolname, oid, rolpassword FROM pg_authid WHERE rolname LIKE 'tenant%' ORDER BY 1"),
      databases: await lab.query('SELECT oid, datname, datdba, datacl::text FROM pg_database ORDER BY 1'),
    });
    const before = await state();
    await lab.stop();
    lab.writes.reset();

    // Its timer would fire in a quarter of an hour, and look into the database almost as seldom.
    await lab.start({ RESYNC_SECONDS: '1' });
    for (const name of NAMES) await lab.apply(tenantObject(name));
    const looks = async () => (await lab.metric('tenantry_reconciles_total', { outcome: 'ready' })) ?? 0;
    await until('every tenant was looked at five times', async () => (await looks()) >= 5 * 4);

    expect(lab.writes.list()).toEqual([]);
    expect(lab.writes.events()).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('writes what differs and nothing else when one service gets a new image', async () => {
    lab.writes.reset();
    await lab.change('coral', { services: [service('api', 2), service('web')] });
    await until('the new image is there', async () =>
      (await lab.tenant('coral'))?.status?.services?.some(({ image }) => image === service('api', 2).image),
    );

    const written = new Set(lab.writes.list().map(({ what }) => what.replace(/\?.*/, '')));
    expect([...written]).toEqual([
      'PATCH /apis/apps/v1/namespaces/tenant-coral/deployments/api',
      'PATCH /apis/tenantry.dev/v1/tenants/coral/status',
    ]);
  });

  test('adopts what an operator before it made, and makes no second password', async () => {
    const before = await identityOf(lab, 'amber');
    lab.kill();
    await lab.start();
    await lab.change('amber', { services: [service('api', 3), service('web')] });
    await until('the new image is there', async () =>
      (await lab.tenant('amber'))?.status?.services?.some(({ image }) => image === service('api', 3).image),
    );
    expect(await identityOf(lab, 'amber')).toEqual(before);
  });
});
