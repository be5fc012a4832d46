import { WAITING } from '../../lib/config/run-time';
import { patienceFor } from '../../lib/fleet/patience';
import { PLATFORM, tenant } from '../stacks/pinned-platform';

const seconds = ({ attempts, interval }: { readonly attempts: number; readonly interval: number }) =>
  (attempts - 1) * interval;

describe('the patience with tenants', () => {
  const { verify, rings } = PLATFORM;
  const platform = { ...PLATFORM, verify: { interval: verify.interval } };
  const fleet = [tenant('amber', 'canary'), tenant('delta')];

  test('is what the platform file says', () => {
    expect(patienceFor({ ...platform, verify: { attempts: 7, interval: 3 } }, fleet)).toEqual({
      attempts: 7,
      interval: 3,
    });
  });

  test('is else longer than the startup probe of two minutes, for each ring that has tenants', () => {
    expect(seconds(patienceFor(platform, fleet.slice(0, 1)))).toBeGreaterThanOrEqual(180);
    expect(seconds(patienceFor(platform, fleet))).toBeGreaterThanOrEqual(360);
    expect(patienceFor(platform, [...fleet, tenant('old', 'early', { decommission: true })])).toEqual(
      patienceFor(platform, fleet),
    );
  });

  test('is longer where a service may take longer to start', () => {
    const [slow] = fleet.map((one) => ({
      ...one,
      services: one.services.map((service) => ({ ...service, startupSeconds: 900 })),
    }));
    expect(seconds(patienceFor(platform, [slow as (typeof fleet)[0]]))).toBeGreaterThanOrEqual(960);
  });

  test('is longer where a migration may take its time', () => {
    const [migrating] = fleet.map((one) => ({
      ...one,
      services: one.services.map((service) => ({ ...service, migrate: ['migrate'], jobSeconds: 900 })),
    }));
    const all = seconds(patienceFor(platform, [migrating as (typeof fleet)[0]]));
    expect(all - seconds(patienceFor(platform, fleet.slice(0, 1)))).toBeGreaterThanOrEqual(900);
  });

  test('has room for the bake of rings, and for tenants that roll one lot after another', () => {
    const baking = {
      ...platform,
      rings: rings.map((ring) => ({ ...ring, bakeSeconds: ring.name === 'canary' ? 600 : 0 })),
    };
    expect(seconds(patienceFor(baking, fleet)) - seconds(patienceFor(platform, fleet))).toBe(600);
    const many = Array.from({ length: 100 }, (_, index) => tenant(`t${index}`));
    expect(seconds(patienceFor(platform, many))).toBeGreaterThanOrEqual(180 + 9 * 30);
  });

  test('is never longer than a run may wait, however long the rings may need', () => {
    const migrating = fleet.map((one) => ({
      ...one,
      services: one.services.map((service) => ({ ...service, migrate: ['migrate'] })),
    }));
    const { attempts, interval } = patienceFor(platform, migrating);
    expect(attempts * interval).toBe(WAITING);
  });
});
