import { until } from '../until';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';
import { identityOf, worldOf } from './world';
import type { Moment, Write } from './writes';

/** The data goes with the tenant, so that dropping it is a write too. */
const database = (name: string) => ({ name: `tenant_${name}`, deletionPolicy: 'Delete' }) as const;

/** What happens to a tenant, one after the other; and how it is known that the operator is done with it. */
const PHASES = {
  create: {
    change: (lab: Lab, name: string) => lab.apply(tenantObject(name, { database: database(name) })),
    done: (lab: Lab, name: string) => lab.untilReady(name),
  },
  update: {
    // A new image, another host and a service more; one service less.
    change: (lab: Lab, name: string) =>
      lab.change(name, { host: `new.${name}.example.com`, services: [service('api', 2), service('worker')] }),
    done: (lab: Lab, name: string) => lab.untilReady(name),
  },
  decommission: {
    change: (lab: Lab, name: string) => lab.change(name, { decommission: true }),
    done: async (lab: Lab, name: string) => {
      await lab.untilReason(name, 'Decommissioned');
    },
  },
  delete: {
    change: (lab: Lab, name: string) => lab.delete(name),
    done: (lab: Lab, name: string) => lab.untilGone(name),
  },
} as const;

type Phase = keyof typeof PHASES;
const NAMES = Object.keys(PHASES) as Phase[];

interface Point {
  readonly what: string;
  readonly moment: Moment;
}

/** A write in words that are the same for every tenant. */
function worded({ system, what }: Write, name: string): string {
  return `${system}: ${what.replace(new RegExp(`(?<![a-z0-9])(tenant[-_])?${name}(?![a-z0-9])`, 'g'), '$1TENANT')}`;
}

describe('an operator that is killed at a write, and started again', () => {
  let lab: Lab;
  const worlds = {} as Record<Phase, unknown>;
  const points = {} as Record<Phase, Point[]>;

  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
  });
  afterAll(() => lab?.remove());

  test('which writes there are, a run without a crash tells', async () => {
    for (const phase of NAMES) {
      lab.writes.reset();
      await PHASES[phase].change(lab, 'reference');
      await PHASES[phase].done(lab, 'reference');
      worlds[phase] = await worldOf(lab, 'reference');
      const writes = [...new Set(lab.writes.list().map((write) => worded(write, 'reference')))];
      points[phase] = writes.flatMap((what) => [
        { what, moment: 'before' },
        { what, moment: 'after' },
      ]);
    }
    expect(Math.min(...NAMES.map((phase) => points[phase].length))).toBeGreaterThan(0);
  });

  test(
    'it leaves a tenant as if it had never been killed, with the same credentials and the same database',
    async () => {
      const all = NAMES.map((phase) => points[phase].length);
      process.stderr.write(`crashing at ${all.join(' + ')} points (${NAMES.join(', ')})\n`);
      // One tenant after the other, each through the phases that have still a point to crash at, or come before one that has.
      for (let index = 0; index < Math.max(...all); index++) {
        const name = `crash${index}`;
        const last = NAMES.findLastIndex((phase) => points[phase][index]);
        for (const phase of NAMES.slice(0, last + 1)) {
          const point = points[phase][index];
          const crashed = point ? crashAt(point, name) : undefined;
          await PHASES[phase].change(lab, name);
          if (crashed) {
            await until(`the operator was killed ${point?.moment} ${point?.what}`, crashed);
            const before = await identityOf(lab, name);
            await lab.start();
            await PHASES[phase].done(lab, name);
            if (phase !== 'delete') expect(await identityOf(lab, name)).toMatchObject(before);
          } else await PHASES[phase].done(lab, name);
          expect({ phase, point, world: await worldOf(lab, name) }).toEqual({ phase, point, world: worlds[phase] });
        }
      }
    },
    30 * 60_000,
  );

  /** Kills the operator at that point of this tenant's; tells whether it did. */
  function crashAt(point: Point, name: string): () => boolean {
    let crashed = false;
    lab.writes.reset();
    lab.writes.intercept((write, _, moment) => {
      if (crashed || moment !== point.moment || worded(write, name) !== point.what) return 'pass';
      crashed = true;
      lab.kill();
      return 'cut';
    });
    return () => crashed;
  }
});
