import type { Ailment } from '../../local/unhealthy-image';
import { until } from '../until';
import { Lab } from './lab';
import { api, deploymentOf, everRan, imageOf, Pair, ringed } from './ringed-tenants';
import { image, service } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

const MIGRATE = ['node', 'migrate.js'];
const migrating = (n: number, ailment?: Ailment) => api(n, ailment, { migrate: MIGRATE, jobSeconds: 60 });

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.create();
  await lab.start();
});
afterAll(() => lab?.remove());

const jobsOf = async (tenant: string): Promise<Live[]> =>
  (await lab.api.request('GET', `/apis/batch/v1/namespaces/tenant-${tenant}/jobs`)).body.items;

/** The Job of the `n`-th image of a tenant's service `api`. */
const jobOf = async (tenant: string, n: number): Promise<Live> =>
  (await jobsOf(tenant)).find(({ spec }) => spec.template.spec.containers[0].image === image('api', n));

/** When a tenant's service `api` began to have pods of its `n`-th image. */
async function beganToRun(tenant: string, n: number): Promise<number> {
  const { items } = (await lab.api.request('GET', `/apis/apps/v1/namespaces/tenant-${tenant}/replicasets`)).body;
  const found = items.find(({ spec }: Live) => spec.template.spec.containers[0].image === image('api', n));
  return Date.parse(found.metadata.creationTimestamp);
}

describe('a service with a migration', () => {
  test.concurrent('changes the database before its first pod, and before the pods of each new image', async () => {
    const name = 'migrated';
    await lab.apply(ringed(name, name, { services: [migrating(1)] }));
    await lab.untilReady(name);
    const first = await jobOf(name, 1);
    expect(first.status.succeeded).toBe(1);
    expect(Date.parse(first.status.completionTime)).toBeLessThanOrEqual(await beganToRun(name, 1));
    const { containers, ...pod } = first.spec.template.spec;
    expect(pod).toMatchObject({ restartPolicy: 'Never', serviceAccountName: 'api' });
    expect(containers).toMatchObject([{ command: MIGRATE }]);
    expect(containers[0].env).toContainEqual(expect.objectContaining({ name: 'PGPASSWORD' }));

    await lab.change(name, { services: [migrating(2)] });
    await until('it runs the second image', async () => (await imageOf(lab, name)) === image('api', 2));
    const second = await jobOf(name, 2);
    expect(Date.parse(second.status.completionTime)).toBeLessThanOrEqual(await beganToRun(name, 2));
    await lab.untilReady(name);
    // Only the memory of what runs is kept, and the pods go with their Job.
    await until('the first Job is gone', async () => (await jobsOf(name)).length === 1);
    await until('its pod is gone', async () => {
      const path = `/api/v1/namespaces/tenant-${name}/pods?labelSelector=tenantry.dev/job=api`;
      return (await lab.api.request('GET', path)).body.items.length === 1;
    });
    expect(await jobOf(name, 2)).toBeDefined();
  });

  test.concurrent('that failed keeps its old pods and holds the later ring, says what it said, and is healed by the next image', async () => {
    const pair = await new Pair(lab, 'broken').begin({ services: [migrating(1)] });
    const before = (await deploymentOf(lab, pair.canary)).metadata.generation;
    await pair.ask({ services: [migrating(2, 'jobs')] });
    const { message } = await lab.untilReason(pair.canary, 'MigrationFailed');
    const { name } = (await jobOf(pair.canary, 2)).metadata;
    const kubectl = `kubectl --namespace tenant-${pair.canary}`;
    expect(message).toContain('applying 0007_users_email | ERROR: relation "users" does not exist');
    expect(message).toContain(`${kubectl} logs job/${name}`);
    expect(message).toContain(`${kubectl} delete job ${name}`);
    expect(await lab.condition(pair.canary, 'Stalled')).toMatchObject({ status: 'True', reason: 'MigrationFailed' });
    await pair.untilHeld('MigrationFailed');
    expect((await deploymentOf(lab, pair.canary)).metadata.generation).toBe(before);

    await pair.ask({ services: [migrating(3)] });
    await lab.untilReady(pair.canary, pair.later);
    expect([await everRan(lab, pair.canary), await everRan(lab, pair.later)]).toEqual([
      [1, 3],
      [1, 3],
    ]);
    // The later one never tried the image that failed.
    await until('one Job is left', async () => (await jobsOf(pair.canary)).length === 1);
    expect(await jobOf(pair.later, 2)).toBeUndefined();
  });

  test.concurrent('that failed is run again when its Job is deleted', async () => {
    const name = 'again';
    await lab.apply(ringed(name, name, { services: [migrating(1, 'jobs')] }));
    await lab.untilReason(name, 'MigrationFailed');
    const { metadata } = await jobOf(name, 1);
    // As kubectl does it.
    const path = `/apis/batch/v1/namespaces/tenant-${name}/jobs/${metadata.name}`;
    expect((await lab.api.request('DELETE', `${path}?propagationPolicy=Background`)).status).toBe(200);
    await until('another one failed', async () => {
      const found = await jobOf(name, 1);
      return found && found.metadata.uid !== metadata.uid && found.status.failed === 1;
    });
    expect(await everRan(lab, name)).toEqual([]);
  });

  test.concurrent('is waited for by the services that run the same image', async () => {
    const name = 'shared';
    const worker = (n: number, ailment?: Ailment) => {
      const { image, commit } = api(n, ailment);
      return service('worker', n, { image, commit, port: 0, path: '', healthPath: '' });
    };
    await lab.apply(ringed(name, name, { services: [worker(1), migrating(1)] }));
    await lab.untilReady(name);
    await lab.change(name, { services: [worker(2, 'jobs'), migrating(2, 'jobs')] });
    const { message } = await lab.untilReason(name, 'MigrationFailed');
    expect(message).toContain('worker: waits for the migration of api');
    const running = async () =>
      (await deploymentOf(lab, name, 'worker')).spec.template.spec.containers[0].image as string;
    expect(await running()).toBe(image('api', 1));
    await lab.change(name, { services: [worker(3), migrating(3)] });
    await lab.untilReady(name);
    expect(await running()).toBe(image('api', 3));
  });

  test.concurrent('is gone as a whole with its tenant', async () => {
    const name = 'leaves';
    await lab.apply(ringed(name, name, { services: [migrating(1)] }));
    await lab.untilReady(name);
    await lab.change(name, { decommission: true });
    await lab.untilReason(name, 'Decommissioned');
    await lab.delete(name);
    await lab.untilClearedAway(name);
  });
});
