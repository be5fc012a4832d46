import { ALL } from './extent';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

/** How long it takes is for `bench/` to say. */
describe('an operator that gets many tenants at once', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.apply(tenantObject('first'));
    await lab.start();
    await lab.untilReady('first');
  });
  afterAll(() => lab?.remove());

  const COUNT = ALL ? 300 : 40;
  const names = Array.from({ length: COUNT }, (_, index) => `t${index}`);
  const services = [service('api'), service('auth'), service('web')];

  const writesAbout = (name: string) =>
    lab.writes
      .list()
      .filter(({ system }) => system === 'kubernetes')
      .map(({ what }) => what.replace(/\?[^ ]*/, ''))
      .filter((what) => new RegExp(`(?<![a-z0-9])(tenant-)?${name}(?![a-z0-9])`).test(what));

  test(`brings all ${COUNT} of them up, though one of them can never be`, async () => {
    await lab.apply(tenantObject('broken', { database: { name: 'tenant_first', deletionPolicy: 'Retain' } }));
    lab.kubernetes.reads.length = 0;
    await Promise.all(names.map((name) => lab.apply(tenantObject(name, { services }))));
    await lab.untilReady('first', ...names);
    await lab.untilReason('broken', 'DatabaseConflict');
    // A namespace, the way into it, the wall around it, the Secret, what each service has, the Ingress, the finalizer, and how it is.
    // No more, and each once; only the wall, which is first, is tried again until the API server knows that the operator was let in.
    for (const name of names) {
      const all = writesAbout(name).filter((what) => !isPassing(what));
      const written = new Set(all);
      expect(written.size).toBeLessThanOrEqual(16);
      const again = all.filter((what, index) => all.indexOf(what) < index);
      expect(again.filter((what) => !what.includes(`/tenant-${name}/networkpolicies/`))).toEqual([]);
    }
    const total = names.reduce((sum, name) => sum + writesAbout(name).length, 0);
    process.stderr.write(`${total / COUNT} writes for a tenant, those refused among them\n`);
    // One that took long was told to be not ready; that it is ready then, is told too.
    const told = lab.writes.events().filter((event) => !event.startsWith('Normal Ready '));
    expect(told.filter((event) => !event.includes('Tenant/broken'))).toEqual([]);
    expect(lab.kubernetes.reads.filter(({ verb }) => verb === 'get')).toEqual([]);
    expect(await lab.metric('tenantry_tenants', { ready: 'True' })).toBe(COUNT + 1);
    // A look to make everything, and a few as its pods come up: no storm.
    const looks = (await lab.metric('tenantry_reconcile_seconds_count')) ?? 0;
    expect(looks / COUNT).toBeLessThan(10);
  });

  test('deploys one image to all of them with two writes for each, and no read', async () => {
    lab.writes.reset();
    lab.kubernetes.reads.length = 0;
    const looks = async () => (await lab.metric('tenantry_reconcile_seconds_count')) ?? 0;
    const before = await looks();
    const [api, ...others] = services;
    const changed = [{ ...api, image: service('api', 2).image }, ...others] as typeof services;
    await Promise.all(names.map((name) => lab.change(name, { services: changed })));
    await lab.untilReady(...names);
    for (const name of names) {
      const about = writesAbout(name);
      expect(about.filter((what) => !isPassing(what))).toEqual([
        `PATCH /apis/apps/v1/namespaces/tenant-${name}/deployments/api`,
        `PATCH /apis/tenantry.dev/v1/tenants/${name}/status (Ready)`,
      ]);
      // How far it is may be told more than once, where pods take their time.
      expect(about.filter(isPassing).length).toBeLessThanOrEqual(4);
    }
    expect(lab.kubernetes.reads.filter(({ verb }) => verb === 'get')).toEqual([]);
    process.stderr.write(`${((await looks()) - before) / COUNT} looks for a tenant\n`);
    expect(((await looks()) - before) / COUNT).toBeLessThan(4);
  });
});

/** That it takes a while is told where it does, and that a tenant waits for its turn, since a tenth of the ring may roll at a time. */
function isPassing(what: string): boolean {
  return /\((RolloutInProgress|RolloutQueued)\)$/.test(what);
}
