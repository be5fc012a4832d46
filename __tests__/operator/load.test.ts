import { ALL } from './extent';
import { Lab } from './lab';
import { tenantObject } from './tenant-object';

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

  test(`brings all ${COUNT} of them up, though one of them can never be`, async () => {
    const names = Array.from({ length: COUNT }, (_, index) => `t${index}`);
    await lab.apply(tenantObject('broken', { database: { name: 'tenant_first', deletionPolicy: 'Retain' } }));
    await Promise.all(names.map((name) => lab.apply(tenantObject(name))));
    await lab.untilReady('first', ...names);
    await lab.untilReason('broken', 'DatabaseConflict');
    expect(await lab.metric('tenantry_tenants', { ready: 'True' })).toBe(COUNT + 1);
    // A look to make everything, and a few as its pods come up: no storm.
    const looks = (await lab.metric('tenantry_reconcile_seconds_count')) ?? 0;
    expect(looks / COUNT).toBeLessThan(10);
  });
});
