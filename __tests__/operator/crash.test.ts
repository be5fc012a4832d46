import { until } from '../until';
import { crashAt, type Point, worded } from './crash-point';
import { ALL } from './extent';
import { installExternalSecrets } from './external-secrets';
import { Lab } from './lab';
import { image, service, tenantObject } from './tenant-object';
import { identityOf, worldOf } from './world';

/** One thing that happens to a tenant, and how it is known that the operator is done with it. */
interface Phase {
  readonly change: (lab: Lab, name: string) => Promise<unknown>;
  readonly done: (lab: Lab, name: string) => Promise<unknown>;
  /** It happens while the operator is away, which then sees all of it at once. */
  readonly away?: true;
}

/** The data goes with the tenant, so that dropping it is a write too. */
const database = (name: string) => ({ name: `tenant_${name}`, deletionPolicy: 'Delete' }) as const;
const pilot = (name: string) => `pilot-${name}`;
const migrating = (n: number) => service('api', n, { migrate: ['migrate'] });
const services = (n: number) => [service('api', n), service('web')];

const create: Phase = {
  change: (lab, name) =>
    lab.apply(tenantObject(name, { database: database(name), services: [migrating(1), service('web')] })),
  done: (lab, name) => lab.untilReady(name),
};
const STORE = { kind: 'ClusterSecretStore', name: 'aws', refreshSeconds: 3600 } as const;
const nightly = (schedule: string) => service('job', 1, { port: 0, path: '', healthPath: '', replicas: 0, schedule });
/** With what a service may have besides pods that stay: a job, pods that go by themselves, a Secret of a store. */
const others = (schedule: string, maxReplicas: number, secretPath: string) => [
  service('api', 1, { secretPath }),
  service('busy', 1, { maxReplicas }),
  nightly(schedule),
];
const isDone = async (lab: Lab, name: string, api: number) => {
  await lab.untilReady(name);
  const [{ image: reached } = {}] = (await lab.tenant(name))?.status?.services ?? [];
  expect(reached).toBe(image('api', api));
};

/** What happens to tenants, one after the other, in each of their lives. */
const LIVES: Readonly<Record<string, Readonly<Record<string, Phase>>>> = {
  'from the first to the last day': {
    create,
    update: {
      // A new image, another host and a service more; one service less.
      change: (lab, name) =>
        lab.change(name, { host: `new.${name}.example.com`, services: [migrating(2), service('worker')] }),
      done: (lab, name) => lab.untilReady(name),
    },
    decommission: {
      change: (lab, name) => lab.change(name, { decommission: true }),
      done: (lab, name) => lab.untilReason(name, 'Decommissioned'),
    },
    delete: {
      change: (lab, name) => lab.delete(name),
      done: (lab, name) => lab.untilClearedAway(name),
    },
  },
  'with a job, pods that go by themselves, and a secret store': {
    create: {
      change: (lab, name) =>
        lab.apply(tenantObject(name, { secretStore: STORE, services: others('0 3 29 2 *', 3, 'acme/api') })),
      done: (lab, name) => lab.untilReady(name),
    },
    update: {
      change: (lab, name) => lab.change(name, { services: others('0 4 29 2 *', 4, 'acme/other') }),
      done: (lab, name) => lab.untilReady(name),
    },
    suspend: {
      change: (lab, name) => lab.change(name, { suspend: true }),
      done: (lab, name) => lab.untilReason(name, 'Suspended'),
    },
    remove: {
      change: (lab, name) => lab.change(name, { suspend: false, services: [service('api', 1), service('busy', 1)] }),
      done: async (lab, name) => {
        await lab.untilReady(name);
        const left = () => lab.api.request('GET', `/apis/batch/v1/namespaces/tenant-${name}/cronjobs/job`);
        await until('the job is gone', async () => (await left()).status === 404);
      },
    },
  },
  'deleted before anybody has seen that it is decommissioned': {
    create,
    leave: {
      change: async (lab, name) => {
        // One whose database is to be kept can't be deleted before the operator has looked.
        const database = { name: `tenant_${name}`, deletionPolicy: 'Delete' } as const;
        await lab.change(name, { decommission: true, database });
        await lab.delete(name);
      },
      done: (lab, name) => lab.untilClearedAway(name),
      away: true,
    },
  },
  'in a later ring': {
    create: {
      change: async (lab, name) => {
        const after = [{ ring: `first-${name}`, bakeSeconds: 0 }];
        const unproven = 'Hold';
        await lab.apply(
          tenantObject(pilot(name), { ring: `first-${name}`, rollout: { after: [], atOnce: '1', unproven } }),
        );
        await lab.untilReady(pilot(name));
        await lab.apply(tenantObject(name, { ring: `last-${name}`, rollout: { after, atOnce: '1', unproven } }));
      },
      done: (lab, name) => lab.untilReady(pilot(name), name),
    },
    // What has nothing to do with the image is done at once.
    hold: {
      change: (lab, name) => lab.change(name, { host: `new.${name}.example.com`, services: services(2) }),
      done: (lab, name) => lab.untilReason(name, 'RingHeld'),
    },
    release: {
      change: (lab, name) => lab.change(pilot(name), { services: services(2) }),
      done: async (lab, name) => {
        await isDone(lab, pilot(name), 2);
        await isDone(lab, name, 2);
      },
    },
  },
};

describe('an operator that is killed at a write, and started again', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.create();
    await installExternalSecrets(lab);
    await lab.start();
  });
  afterAll(() => lab?.remove());

  test.each(Object.entries(LIVES))(
    'leaves a tenant as if it had never been killed, with the same credentials and the same database: one %s',
    async (what, phases) => {
      const names = Object.keys(phases);
      const life = Object.keys(LIVES).indexOf(what);
      const { worlds, points } = await withoutCrash(`reference${life}`, phases);
      const all = names.map((phase) => points[phase]?.length ?? 0);
      expect(Math.min(...all)).toBeGreaterThan(0);
      process.stderr.write(`crashing at ${all.join(' + ')} points (${names.join(', ')})\n`);
      // One tenant after the other, each through the phases that have still a point to crash at, or come before one that has.
      for (let index = 0; index < Math.max(...all); index++) {
        const name = `crash${life}n${index}`;
        const last = names.findLastIndex((phase) => points[phase]?.[index]);
        for (const phase of names.slice(0, last + 1)) {
          const { change, done, away } = phases[phase] as Phase;
          const point = points[phase]?.[index];
          const crashed = point ? crashAt(lab, point, name) : undefined;
          if (away) lab.kill();
          const changed = change(lab, name);
          if (away) {
            await changed;
            // One that is killed as it starts never answers.
            const started = lab.start();
            if (crashed) started.catch(() => undefined);
            else await started;
          }
          if (crashed) {
            await until(`the operator was killed ${point?.moment} ${point?.what}`, crashed);
            const before = await identityOf(lab, name);
            await lab.start();
            await changed;
            await done(lab, name);
            if ((await lab.tenant(name)) !== undefined) expect(await identityOf(lab, name)).toMatchObject(before);
          } else {
            await changed;
            await done(lab, name);
          }
          expect({ phase, point, world: await worldOf(lab, name) }).toEqual({ phase, point, world: worlds[phase] });
        }
      }
    },
    30 * 60_000,
  );

  /** Which writes there are in each phase, and what comes of it. */
  async function withoutCrash(name: string, phases: Readonly<Record<string, Phase>>) {
    const worlds: Record<string, unknown> = {};
    const points: Record<string, readonly Point[]> = {};
    for (const [phase, { change, done, away }] of Object.entries(phases)) {
      lab.writes.reset();
      if (away) lab.kill();
      await change(lab, name);
      if (away) await lab.start();
      await done(lab, name);
      worlds[phase] = await worldOf(lab, name);
      const writes = [...new Set(lab.writes.list().map((write) => worded(write, name)))];
      // What is told only when it takes long is told in some lives and not in others.
      const certain = writes.filter((what) => !/\((RolloutInProgress|RolloutQueued|Migrating)\)/.test(what));
      const all = certain.flatMap((what): Point[] => [
        { what, moment: 'before' },
        { what, moment: 'after' },
      ]);
      // Every ninth of them everyday, so that both moments are among them.
      points[phase] = ALL ? all : all.filter((_, index) => index % 9 === 0);
    }
    return { worlds, points };
  }
});
