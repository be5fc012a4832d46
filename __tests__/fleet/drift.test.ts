import { driftOf, imageDrift } from '../../lib/fleet/drift';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { tenant } from '../stacks/pinned-platform';
import { DEPLOYED, deployed, EDITED, edited } from './live-fleet';

const amber = tenant('amber');
const live = deployed(amber);
const BY_HAND = { byHand: true, writer: { manager: 'kubectl-edit', at: EDITED } };

describe('a Tenant and its file', () => {
  test('do not differ after a deploy, whichever image it gave', () => {
    expect(driftOf(amber, live)).toEqual([]);
    expect(driftOf(amber, deployed(amber, 'second'))).toEqual([]);
  });

  test.each<[string, readonly string[], unknown, string | undefined]>([
    ['host', ['host'], 'attacker.example.com', 'amber.example.com'],
    ['ring', ['ring'], 'canary', 'general'],
    ['release', ['release'], 'releases/9', 'releases/0.0.2'],
    ['decommission', ['decommission'], true, 'false'],
    ['database.deletionPolicy', ['database', 'deletionPolicy'], 'Delete', 'Retain'],
    ['database.name', ['database', 'name'], 'other', 'tenant_amber'],
    ['replicas', ['services', 'worker', 'replicas'], 9, '1'],
    ['release', ['services', 'worker', 'release'], 'releases/9', 'releases/0.0.2'],
    ['port', ['services', 'worker', 'port'], 9, '9000'],
    ['path', ['services', 'apiserver', 'path'], '/x', '/apiserver'],
    ['path', ['services', 'worker', 'path'], '/x', undefined],
  ])('differ by %s when somebody edited it, and it is known who and when', (field, path, value, wanted) => {
    const [, service] = path[0] === 'services' ? path : [];
    const expected = { tenant: 'amber', ...(service && { service }), field, live: String(value), wanted, ...BY_HAND };
    expect(driftOf(amber, edited(live, path, value))).toEqual([expected]);
  });

  test('differ by each variable from a Secret that somebody added by hand', () => {
    const secrets = [{ name: 'STRIPE_KEY', secret: 'stripe', key: 'api-key' }];
    expect(driftOf(amber, edited(live, ['services', 'worker', 'secrets'], secrets))).toMatchObject([
      { service: 'worker', field: 'secrets.STRIPE_KEY', live: 'stripe/api-key', wanted: undefined },
    ]);
  });

  test('differ by a variable that somebody set, and by that alone', () => {
    const loud = { ...amber, services: amber.services.map((one) => ({ ...one, env: { LOG_LEVEL: 'info', A: 'b' } })) };
    const env = [
      { name: 'A', value: 'b' },
      { name: 'LOG_LEVEL', value: 'debug' },
    ];
    expect(driftOf(loud, edited(deployed(loud), ['services', 'worker', 'env'], env))).toEqual([
      { tenant: 'amber', service: 'worker', field: 'env.LOG_LEVEL', live: 'debug', wanted: 'info', ...BY_HAND },
    ]);
  });

  test('differ without anybody having edited anything when the file changed and was not deployed yet', () => {
    const [drift, ...others] = driftOf({ ...amber, host: 'new.example.com' }, live);

    expect(others).toEqual([]);
    expect(drift).toMatchObject({ field: 'host', live: 'amber.example.com', wanted: 'new.example.com', byHand: false });
    expect(drift?.writer).toEqual({ manager: 'Terraform', at: DEPLOYED });
  });

  test('differ by what was taken away, which leaves no trace of who did it', () => {
    const [apiserver, worker] = live.spec.services;
    const { healthPath: _, ...deaf } = apiserver as NonNullable<typeof apiserver>;
    const removed: LiveTenant = { ...live, spec: { ...live.spec, services: [deaf, worker as typeof deaf] } };
    expect(driftOf(amber, removed)).toMatchObject([
      { service: 'apiserver', field: 'healthPath', live: undefined, wanted: '/apiserver/v1/health' },
    ]);
  });

  test('differ once by a rollout that a Tenant from before has not, and not by a path that it leaves out', () => {
    const { rollout: _, services, ...spec } = live.spec;
    const [apiserver, { path: __, healthPath: ___, ...worker }] = services as [
      (typeof services)[0],
      (typeof services)[0],
    ];
    const earlier: LiveTenant = { ...live, spec: { ...spec, services: [apiserver, worker] } };
    expect(driftOf(amber, earlier)).toMatchObject([
      {
        field: 'rollout',
        live: undefined,
        wanted: 'after canary (bakeSeconds 0), early (bakeSeconds 0), atOnce 10%, unproven Hold',
      },
    ]);
  });

  test('do not differ by the bake times that a run leaves out which replays a lock', () => {
    const after = [{ ring: 'canary', bakeSeconds: 600 }];
    const baking = { ...amber, rollout: { ...amber.rollout, after } };
    const wait = (bakeSeconds: number) => ({
      ...live,
      spec: { ...live.spec, rollout: { ...amber.rollout, after: [{ ring: 'canary', bakeSeconds }] } },
    });
    expect(driftOf(baking, wait(600))).toEqual([]);
    expect(driftOf(baking, wait(0))).toEqual([]);
    expect(driftOf(baking, wait(10))).toMatchObject([{ field: 'rollout.after' }]);
  });

  test('differ once by a service that is missing, or one too many, and not by each of its settings', () => {
    const without = { ...live, spec: { ...live.spec, services: live.spec.services.slice(1) } };
    const smaller = { ...amber, services: amber.services.slice(1) };

    expect(driftOf(amber, without)).toMatchObject([{ service: 'apiserver', field: 'service', live: undefined }]);
    expect(driftOf(smaller, live)).toMatchObject([{ service: 'apiserver', field: 'service', wanted: undefined }]);
  });
});

describe('an image that is not the expected one', () => {
  const reference = (digit: string) => `r/worker@sha256:${digit.repeat(64)}`;

  test('is nothing when it is', () => {
    expect(imageDrift(live, 'worker', live.spec.services[1]?.image as string)).toBeUndefined();
  });

  test('is an edit by hand when somebody set it, and a deploy otherwise', () => {
    const meddled = edited(live, ['services', 'worker', 'image'], reference('b'));

    expect(imageDrift(meddled, 'worker', reference('a'))).toEqual({
      tenant: 'amber',
      service: 'worker',
      field: 'image',
      live: reference('b'),
      wanted: reference('a'),
      ...BY_HAND,
    });
    expect(imageDrift(live, 'worker', reference('a'))).toMatchObject({ field: 'image', byHand: false });
  });
});
