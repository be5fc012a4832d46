import { until } from '../until';
import { Lab } from './lab';
import {
  api,
  deploymentOf,
  everRan,
  imageOf,
  Pair,
  podsOf,
  ringed,
  rolloutAfter,
  setHealth,
  untilHeld,
  watchRolling,
} from './ringed-tenants';
import { commit, image } from './tenant-object';

let lab: Lab;
// Every test has rings of its own, so that all of them can wait at the same time.
beforeAll(async () => {
  lab = await Lab.create();
  await lab.start();
});
afterAll(() => lab?.remove());

describe('a tenant of a later ring', () => {
  test.concurrent('waits while the pods of a new image do not get ready, and never sees an image that was not proved', async () => {
    const pair = await new Pair(lab, 'unready').begin();
    await pair.ask({ services: [api(2, 'pods')] });
    const message = await pair.untilHeld('RolloutInProgress');
    expect(message).toContain(
      'waits for ring unready-canary: unready-canary is not ready (RolloutInProgress: api: pods of an older image still there',
    );
    expect((await lab.condition(pair.later, 'Stalled'))?.status).toBe('False');

    await pair.ask({ services: [api(3)] });
    await lab.untilReady(pair.canary, pair.later);
    expect(await everRan(lab, pair.later)).toEqual([1, 3]);
    expect((await lab.tenant(pair.later))?.status?.services).toMatchObject([{ image: image('api', 3) }]);
  });

  test.concurrent('waits while an image’s pods are ready and its host answers 503', async () => {
    const pair = await new Pair(lab, 'ill').begin();
    await pair.ask({ services: [api(2, 'answers')] });
    const message = await pair.untilHeld('BadStatus');
    expect(message).toContain(
      'waits for ring ill-canary: ill-canary is not ready (BadStatus: api at https://ill-canary.',
    );
    expect(message).toContain('answers 503');
    // Of itself it is ready: nothing but its host tells.
    expect((await lab.condition(pair.canary, 'Ready'))?.status).toBe('True');
    expect(await lab.condition(pair.canary, 'Healthy')).toMatchObject({ status: 'False', reason: 'BadStatus' });

    await pair.ask({ services: [api(3)] });
    await lab.untilReady(pair.canary, pair.later);
    expect(await everRan(lab, pair.later)).toEqual([1, 3]);
    await until('the canary is healthy', async () => (await lab.condition(pair.canary, 'Healthy'))?.status === 'True');
  });

  test.concurrent('waits as long as its canary has to be well: it bakes', async () => {
    const pair = await new Pair(lab, 'bake').begin();
    // Longer than it takes until a tenant that waits says so anew.
    const seconds = 25;
    const rollout = { ...pair.rollout, after: [{ ring: pair.rings.canary, bakeSeconds: seconds }] };
    await lab.change(pair.canary, { services: [api(2)] });
    await lab.change(pair.later, { services: [api(2)], rollout });
    await pair.untilHeld('all is well there, and has to be so until');
    await lab.untilReady(pair.later);
    const [canary] = (await lab.tenant(pair.canary))?.status?.services ?? [];
    const pods = await podsOf(lab, pair.later);
    const began = Math.min(...pods.map(({ metadata }) => Date.parse(metadata.creationTimestamp)));
    expect(began - Date.parse(canary?.since ?? '')).toBeGreaterThanOrEqual(seconds * 1000);
  });

  test.concurrent.each([
    ['the only tenant before it is decommissioned', 'gone', { decommission: true }],
    ['the only tenant before it runs no pods', 'zero', { services: [api(2, undefined, { replicas: 0 })] }],
    ['the only tenant before it moved to another ring', 'moved', { ring: 'elsewhere', services: [api(2)] }],
  ])('is held loudly where nothing proves an image: %s', async (_, what, change) => {
    const pair = await new Pair(lab, what).begin();
    await lab.change(pair.canary, change);
    await lab.change(pair.later, { services: [api(2, 'pods')] });
    const message = await pair.untilHeld('so nothing is proved there');
    expect(message).toBe(
      `no tenant of ring ${pair.rings.canary} runs any pods, so nothing is proved there. To let it go on unproved, say \`unproven: allow\` in its file or for its ring`,
    );
    // It waits for a person.
    expect(await lab.condition(pair.later, 'Stalled')).toMatchObject({ status: 'True', reason: 'RingHeld' });
    await until(
      'it is counted',
      async () => Number(await lab.metric('tenantry_errors_total', { reason: 'RingHeld' })) > 0,
    );
    expect(await everRan(lab, pair.later)).toEqual([1]);

    await lab.change(pair.later, { rollout: { ...pair.rollout, unproven: 'Allow' }, services: [api(3)] });
    await lab.untilReady(pair.later);
    expect(await everRan(lab, pair.later)).toEqual([1, 3]);
  });

  test.concurrent('that is new comes up on what its canary runs, and not while the canary is ill', async () => {
    const pair = await new Pair(lab, 'new').begin();
    const newcomer = (name: string, n: number) =>
      ringed(name, pair.rings.later, { rollout: pair.rollout, services: [api(n)] });
    await lab.apply(newcomer('new-early', 1));
    await lab.untilReady('new-early');

    await pair.ask({ services: [api(2, 'answers')] });
    await pair.untilHeld('BadStatus');
    await lab.apply(newcomer('new-late', 2));
    await untilHeld(lab, 'new-late', 'BadStatus');
    expect((await deploymentOf(lab, 'new-late')).code).toBe(404);
    // All that needs no image is there.
    expect(await lab.condition('new-late', 'DatabaseReady')).toMatchObject({ status: 'True' });

    await pair.ask({ services: [api(3)] });
    await lab.apply(newcomer('new-late', 3));
    await lab.untilReady(pair.later, 'new-late');
    expect(await everRan(lab, 'new-late')).toEqual([3]);
  });

  test.concurrent('goes back to a former image as it came: after its canary', async () => {
    const pair = await new Pair(lab, 'back').begin();
    await pair.ask({ services: [api(2)] });
    await lab.untilReady(pair.canary, pair.later);
    await lab.change(pair.later, { services: [api(1)] });
    await pair.untilHeld('api runs on another image in ring back-canary');
    await lab.change(pair.canary, { services: [api(1)] });
    await until('it follows', async () => (await imageOf(lab, pair.later)) === image('api', 1));
    await lab.untilReady(pair.canary, pair.later);
  });

  test.concurrent('goes back at once to what it last ran whole, though its canary is ill', async () => {
    const pair = await new Pair(lab, 'undo').begin();
    // Well on the canary, and not here.
    await lab.change(pair.canary, { services: [api(2)] });
    await lab.change(pair.later, { services: [api(2, 'pods')] });
    await until('it rolls', async () => (await imageOf(lab, pair.later)) === image('api', 2));
    await setHealth(lab, pair.canary, false);
    await lab.change(pair.later, { services: [api(1)] });
    await until('it is back', async () => (await imageOf(lab, pair.later)) === image('api', 1));
    await lab.untilReady(pair.later);
  });

  test.concurrent('is pinned to an image that nobody before it runs by a person’s word, and waits with that too while the canary is ill', async () => {
    const pair = await new Pair(lab, 'pin').begin();
    await pair.ask({ services: [api(2)] });
    await lab.untilReady(pair.canary, pair.later);
    const rollout = { ...pair.rollout, unproven: 'Allow' } as const;

    await lab.change(pair.canary, { services: [api(3, 'answers')] });
    await lab.change(pair.later, { services: [api(4)], rollout });
    await pair.untilHeld('BadStatus');
    await lab.change(pair.canary, { services: [api(5)] });
    await lab.untilReady(pair.canary, pair.later);
    expect(await imageOf(lab, pair.later)).toBe(image('api', 4));
    // Whoever stays on its image waits for nobody.
    await lab.change(pair.canary, { services: [api(6, 'answers')] });
    await lab.change(pair.later, { rollout: pair.rollout });
    await lab.untilReady(pair.later);
  });

  test.concurrent('that is held is looked after in all else: replicas, host, hand edits, and a Deployment that somebody deleted', async () => {
    const pair = await new Pair(lab, 'held').begin();
    await pair.ask({ services: [api(2, 'answers')] });
    await pair.untilHeld('BadStatus');
    await lab.change(pair.later, { host: 'held.example.org', services: [api(2, 'answers', { replicas: 3 })] });
    const runs = async () => {
      const { spec, status } = await deploymentOf(lab, pair.later);
      const { containers, nodeSelector } = spec?.template.spec ?? {};
      return { image: containers?.[0].image, ready: status?.readyReplicas, nodeSelector, paused: spec?.paused };
    };
    const asItWas = { image: image('api', 1), ready: 3, nodeSelector: undefined, paused: undefined };
    const untilAsItWas = (what: string) =>
      until(what, async () => JSON.stringify(await runs()) === JSON.stringify(asItWas));
    await untilAsItWas('it has three pods');
    await until(
      'it answers at its new host',
      async () => (await lab.tenant(pair.later))?.status?.host === 'held.example.org',
    );

    const path = `/apis/apps/v1/namespaces/tenant-${pair.later}/deployments/api`;
    const containers = [
      { ...(await deploymentOf(lab, pair.later)).spec.template.spec.containers[0], image: image('api', 2) },
    ];
    const template = { spec: { containers, nodeSelector: { disk: 'none' } } };
    expect((await lab.api.request('PATCH', path, { spec: { paused: true, template } })).status).toBe(200);
    await untilAsItWas('what was edited is put back');
    const { uid } = (await deploymentOf(lab, pair.later)).metadata;
    expect((await lab.api.request('DELETE', path)).status).toBe(200);
    await until('there is another Deployment', async () => {
      const { metadata } = await deploymentOf(lab, pair.later);
      return metadata.uid && metadata.uid !== uid;
    });
    await untilAsItWas('it runs what it ran');
    await pair.untilHeld('BadStatus');
    expect(await everRan(lab, pair.later)).not.toContain(3);

    await pair.ask({ services: [api(3, undefined, { replicas: 3 })] });
    await lab.untilReady(pair.later);
  });

  test.concurrent('waits for nobody with another commit of the image that it runs, and starts no pod for it', async () => {
    const pair = await new Pair(lab, 'tag').begin();
    await lab.change(pair.canary, { services: [api(2, 'answers')] });
    const before = await deploymentOf(lab, pair.later);
    await lab.change(pair.later, { services: [{ ...api(1), commit: commit(7), release: 'releases/0.0.3' }] });
    await lab.untilReady(pair.later);
    const now = await deploymentOf(lab, pair.later);
    expect(now.metadata.generation).toBe(before.metadata.generation);
    expect(now.spec.template).toEqual(before.spec.template);
  });

  test.concurrent('waits for all rings before its own, and decommissioned tenants there hold nobody up', async () => {
    const [one, two, three] = ['chain-one', 'chain-two', 'chain-three'];
    await lab.apply(ringed(one, one));
    await lab.apply(ringed('chain-retired', one));
    await lab.apply(ringed(two, two, { rollout: rolloutAfter(one) }));
    await lab.apply(ringed(three, three, { rollout: rolloutAfter(one, two) }));
    await lab.untilReady(one, two, three, 'chain-retired');
    await lab.change('chain-retired', { decommission: true });

    await lab.change(one, { services: [api(2)] });
    await lab.change(two, { services: [api(2, 'answers')] });
    await lab.change(three, { services: [api(2)] });
    await untilHeld(lab, three, 'waits for ring chain-two: chain-two is not ready (BadStatus');
    expect(await everRan(lab, three)).toEqual([1]);
    await setHealth(lab, two, true);
    await lab.untilReady(three);
    expect(await everRan(lab, three)).toEqual([1, 2]);
  });
});

describe('rings that are swapped together with an image', () => {
  test.concurrent.each([
    ['the new first ring written first', ['first', 'second']],
    ['the new first ring written last', ['second', 'first']],
  ] as const)('let it through in their new order: %s', async (_, order) => {
    const what = `swap-${order[0]}`;
    const pair = await new Pair(lab, what).begin();
    const changes = {
      first: () => lab.change(pair.later, { rollout: rolloutAfter(), services: [api(2, 'answers')] }),
      second: () => lab.change(pair.canary, { rollout: rolloutAfter(pair.rings.later), services: [api(2, 'answers')] }),
    };
    for (const each of order) await changes[each]();
    await untilHeld(lab, pair.canary, `${pair.later} is not ready (BadStatus`);
    expect(await everRan(lab, pair.canary)).toEqual([1]);
    await lab.change(pair.later, { services: [api(3)] });
    await lab.change(pair.canary, { services: [api(3)] });
    await lab.untilReady(pair.later, pair.canary);
    expect(await everRan(lab, pair.canary)).toEqual([1, 3]);
  });
});

describe('of one ring', () => {
  const NAMES = ['a', 'b', 'c'];

  test.concurrent('no more tenants roll at once than may', async () => {
    const names = NAMES.map((name) => `queue-${name}`);
    const rollout = { ...rolloutAfter('queue'), atOnce: '1' };
    // What is held gets its number of pods at once, so that is not to change.
    const services = (n: number) => [api(n, undefined, { replicas: 3 })];
    await lab.apply(ringed('queue-canary', 'queue', { services: services(1) }));
    for (const name of names) await lab.apply(ringed(name, 'queue-later', { rollout, services: services(1) }));
    await lab.untilReady('queue-canary', ...names);

    const watching = watchRolling(lab, names);
    for (const name of ['queue-canary', ...names]) await lab.change(name, { services: services(2) });
    await until('all are done', async () => {
      const all = await Promise.all(names.map(async (name) => (await lab.tenant(name))?.status?.services?.[0]));
      return all.every((one) => one?.image === image('api', 2) && one.readyReplicas === 3);
    });
    const { most, seen } = await watching.end();
    expect(most).toBe(1);
    expect(seen).toEqual(new Set(names));
  });

  test.concurrent('a tenant that is stuck keeps its place, so that the others are spared; a fix gets in', async () => {
    const names = NAMES.map((name) => `stuck-${name}`);
    const rollout = { ...rolloutAfter('stuck'), atOnce: '1' };
    await lab.apply(ringed('stuck-canary', 'stuck'));
    for (const name of names) await lab.apply(ringed(name, 'stuck-later', { rollout }));
    await lab.untilReady('stuck-canary', ...names);

    // An image that is well on the canary, and on nobody else.
    await lab.change('stuck-canary', { services: [api(2)] });
    for (const name of names) await lab.change(name, { services: [api(2, 'pods')] });
    const queued = await until('two wait for the third', async () => {
      const ready = await Promise.all(names.map((name) => lab.condition(name, 'Ready')));
      const waiting = ready.filter((one) => one?.reason === 'RolloutQueued');
      return waiting.length === 2 && waiting.map((one) => one?.message ?? '');
    });
    const ran = await Promise.all(names.map((name) => everRan(lab, name)));
    const stuck = names.filter((_, index) => ran[index]?.includes(2));
    expect(stuck).toHaveLength(1);
    for (const message of queued)
      expect(message).toContain(
        `waits for its turn in ring stuck-later, where at most 1 may roll at once. Now: ${stuck[0]}`,
      );

    for (const name of ['stuck-canary', ...names]) await lab.change(name, { services: [api(3)] });
    await until('the fix is everywhere', async () => {
      const images = await Promise.all(names.map((name) => imageOf(lab, name)));
      return images.every((one) => one === image('api', 3));
    });
    await lab.untilReady(...names);
    for (const name of names) expect(await everRan(lab, name)).toEqual(stuck.includes(name) ? [1, 2, 3] : [1, 3]);
  });
});
