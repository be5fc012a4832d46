import type { RingFleet } from './ring-fleet';

/** A change of the files, which comes together with a new image. */
export interface RingChange {
  readonly what: string;
  readonly fleet: RingFleet;
}

const RINGS = ['canary', 'early', 'general'] as const;
const NAMES = ['amber', 'birch', 'coral', 'delta'] as const;
/** Decommissioned some time ago: they may go. */
const OLD = [
  { name: 'zinc', ring: 'canary' },
  { name: 'yew', ring: 'general' },
] as const;

/** Four tenants in three rings, in each way there is that leaves no ring empty, names aside; and two that are decommissioned. */
export function fleets(): RingFleet[] {
  return RINGS.map((twice) => {
    const rings = RINGS.flatMap((ring) => (ring === twice ? [ring, ring] : [ring]));
    const tenants = rings.map((ring, index) => ({ name: NAMES[index] as string, ring }));
    return {
      rings: RINGS,
      tenants: [...tenants, ...OLD.map((one) => ({ ...one, decommission: true }))],
      build: 'second',
    };
  });
}

/** What the last run but one deployed: all of them in use. */
export function earlier(fleet: RingFleet): RingFleet {
  return { ...fleet, build: 'first', tenants: fleet.tenants.map(({ name, ring }) => ({ name, ring })) };
}

/** What may come after a change in place of the same once more: rings as they were, and whoever was decommissioned goes. */
export function farewell(fleet: RingFleet, { fleet: changed }: RingChange): RingChange {
  const isUsed = (name: string) =>
    [fleet, changed].some(({ tenants }) => tenants.some((one) => one.name === name && !one.decommission));
  const added = changed.tenants.filter(({ name }) => !fleet.tenants.some((one) => one.name === name));
  const tenants = [
    ...fleet.tenants.map((one) => changed.tenants.find(({ name }) => name === one.name) ?? one),
    ...added,
  ].filter(({ name }) => isUsed(name));
  const ringOf = ({ name }: { readonly name: string }) =>
    fleet.tenants.find((one) => one.name === name)?.ring ?? 'general';
  return {
    what: 'rings as they were, and who was decommissioned goes',
    fleet: { ...fleet, build: 'fourth', tenants: tenants.map((one) => ({ ...one, ring: ringOf(one) })) },
  };
}

/** Every kind of change, on every tenant and ring that it can be done to. */
export function changesOf(fleet: RingFleet): RingChange[] {
  const { rings, tenants } = fleet;
  const active = tenants.filter(({ decommission }) => !decommission);
  const old = tenants.filter(({ decommission }) => decommission);
  const changed = (what: string, change: Partial<RingFleet>): RingChange => ({
    what,
    fleet: { ...fleet, build: 'third', ...change },
  });
  const without = (...names: readonly string[]) => tenants.filter(({ name }) => !names.includes(name));
  const moved = (from: string, to: string) => tenants.map((one) => (one.ring === from ? { ...one, ring: to } : one));
  const others = (ring: string) => rings.filter((other) => other !== ring);
  return [
    changed('an image alone', {}),
    ...old.map(({ name }) => changed(`${name} is removed`, { tenants: without(name) })),
    changed('all that are decommissioned are removed', { tenants: active }),
    ...old.map(({ name, ring }) =>
      changed(`${name} gets another name`, { tenants: [...without(name), { name: 'xenon', ring }] }),
    ),
    ...active.map(({ name }) =>
      changed(`${name} is decommissioned`, {
        tenants: tenants.map((one) => (one.name === name ? { ...one, decommission: true } : one)),
      }),
    ),
    ...old.map(({ name }) =>
      changed(`${name} is in use again`, {
        tenants: tenants.map((one) => (one.name === name ? { name, ring: one.ring } : one)),
      }),
    ),
    ...[0, 1, 2, 3].map((at) =>
      changed(`a ring is added at ${at}`, {
        rings: [...rings.slice(0, at), 'new', ...rings.slice(at)],
        tenants: [...tenants, { name: 'xenon', ring: 'new' }],
      }),
    ),
    ...rings.flatMap((ring) =>
      others(ring).map((to) =>
        changed(`${ring} is removed, its tenants go to ${to}`, { rings: others(ring), tenants: moved(ring, to) }),
      ),
    ),
    ...rings.flatMap((ring) =>
      others(ring).map((to) => changed(`${ring} is emptied into ${to}`, { tenants: moved(ring, to) })),
    ),
    ...permutations(rings)
      .filter((order) => order.join() !== rings.join())
      .map((order) => changed(`rings in the order ${order.join(', ')}`, { rings: order })),
    ...permutations(rings)
      .filter((order) => order.join() !== rings.join())
      .map((order) =>
        changed(`rings in the order ${order.join(', ')}, and who is decommissioned goes`, {
          rings: order,
          tenants: active,
        }),
      ),
    changed('rings get other names', {
      rings: rings.map((ring) => `${ring}-2`),
      tenants: tenants.map((one) => ({ ...one, ring: `${one.ring}-2` })),
    }),
    ...active.flatMap(({ name, ring }) =>
      others(ring).map((to) =>
        changed(`${name} moves to ${to}`, {
          tenants: tenants.map((one) => (one.name === name ? { ...one, ring: to } : one)),
        }),
      ),
    ),
  ];
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
