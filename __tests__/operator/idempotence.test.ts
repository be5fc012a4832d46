import { until } from '../until';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';
import { identityOf, versionsOf } from './world';

const NAMES = ['amber', 'blue-sky', 'coral'];
/** What is watched, and how many of each a tenant of three services has. */
const OBJECTS = {
  'tenantry.dev/tenants': 1,
  namespaces: 1,
  secrets: 1,
  // Of a cluster without External Secrets.
  'external-secrets.io/externalsecrets': 0,
  // Of tenants without a quota.
  limitranges: 0,
  resourcequotas: 0,
  serviceaccounts: 3,
  services: 3,
  'apps/deployments': 3,
  'batch/jobs': 1,
  'batch/cronjobs': 1,
  'policy/poddisruptionbudgets': 3,
  'autoscaling/horizontalpodautoscalers': 3,
  'networking.k8s.io/ingresses': 1,
  'networking.k8s.io/networkpolicies': 1,
  'rbac.authorization.k8s.io/rolebindings': 1,
};
/** Of `settings.py` and `watch.py`: seconds after which all is listed again, and a watch ended; objects of a page. */
const [RESYNC, SERVER_TIMEOUT, PAGE] = [900, 300, 250];

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
    lab.kubernetes.reads.length = 0;

    // Its timer would fire in a quarter of an hour, and look into the database almost as seldom.
    await lab.start({ RESYNC_SECONDS: '1' });
    for (const name of NAMES) await lab.apply(tenantObject(name));
    const looks = async () => (await lab.metric('tenantry_reconciles_total', { outcome: 'ready' })) ?? 0;
    await until('every tenant was looked at five times', async () => (await looks()) >= 5 * 4);
    expect(lab.kubernetes.reads.filter(({ verb }) => verb === 'get')).toEqual([]);

    expect(lab.writes.list()).toEqual([]);
    expect(lab.writes.events()).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('asks for lists and watches alone, however often it looks: at 1,000 tenants less than once in five seconds', async () => {
    const listed = (resource: string) =>
      lab.kubernetes.reads.filter((read) => read.verb === 'list' && read.resource === resource).length;
    lab.kubernetes.reads.length = 0;
    await until('each kind was listed four times more', () => Object.keys(OBJECTS).every((kind) => listed(kind) >= 4));
    const reads = [...lab.kubernetes.reads];
    expect(reads.filter(({ verb }) => verb === 'get')).toEqual([]);
    expect([...new Set(reads.map(({ resource }) => resource))].sort()).toEqual(Object.keys(OBJECTS).sort());
    expect(lab.writes.list()).toEqual([]);

    let requests = 0;
    for (const [kind, perTenant] of Object.entries(OBJECTS)) {
      const watched = reads.filter(({ verb, resource }) => verb === 'watch' && resource === kind).length;
      // A page for each time that all is listed, then a watch until the server ends it, or until the list is due; another one for what
      // is left of the last second.
      expect(watched).toBeLessThanOrEqual(2 * listed(kind) + 1);
      requests += Math.ceil((1000 * perTenant) / PAGE) + Math.ceil(RESYNC / SERVER_TIMEOUT) + 1;
    }
    expect(requests / RESYNC).toBeLessThanOrEqual(0.2);
  });

  test('writes what differs and nothing else when one service gets a new image', async () => {
    await lab.stop();
    await lab.start();
    const looks = async () => (await lab.metric('tenantry_reconcile_seconds_count')) ?? 0;
    await until('every tenant was looked at', async () => (await looks()) >= 5);
    const before = await looks();
    lab.kubernetes.reads.length = 0;
    lab.writes.reset();
    await lab.change('coral', { services: [service('api', 2), service('web')] });
    await until('the new image is there', async () =>
      (await lab.tenant('coral'))?.status?.services?.some(({ image }) => image === service('api', 2).image),
    );

    await lab.untilReady('coral');
    const written = lab.writes.list().map(({ what }) => what.replace(/\?[^ ]*/, ''));
    // That it takes a while is told where it does.
    const passing = 'PATCH /apis/tenantry.dev/v1/tenants/coral/status (RolloutInProgress)';
    expect(written.filter((what) => what !== passing)).toEqual([
      'PATCH /apis/apps/v1/namespaces/tenant-coral/deployments/api',
      'PATCH /apis/tenantry.dev/v1/tenants/coral/status (Ready)',
    ]);
    expect(written.length).toBeLessThanOrEqual(3);
    // One look to change it, and one when the pods are there.
    if (!written.includes(passing)) expect((await looks()) - before).toBe(2);
    expect(lab.kubernetes.reads.filter(({ verb }) => verb === 'get')).toEqual([]);
    expect(lab.writes.events()).toEqual([]);
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
