import { unhealthyCommit } from '../../local/unhealthy-image';
import { until } from '../until';
import { Lab, type LiveService } from './lab';
import { api, deploymentOf, Pair } from './ringed-tenants';
import { commit, image, service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

const NEVER_IN_THIS_TEST = '0 0 29 2 *';

/** The service `cleanup` on its `n`-th image, that runs at its time alone. */
const job = (n: number, changes: Parameters<typeof service>[2] = {}) =>
  service('cleanup', n, {
    port: 0,
    path: '',
    healthPath: '',
    replicas: 0,
    schedule: NEVER_IN_THIS_TEST,
    timeZone: 'Europe/Berlin',
    jobSeconds: 600,
    command: ['node', 'cleanup.js'],
    ...changes,
  });
/** The same, as a worker. */
const worker = (n: number) => service('cleanup', n, { port: 0, path: '', healthPath: '' });

describe('a service with a schedule', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    const every = { schedule: '* * * * *', timeZone: 'Etc/UTC' };
    // Their minute comes while the others are at it.
    await lab.apply(tenantObject('punctual', { services: [job(1, every)] }));
    await lab.apply(tenantObject('failing', { services: [job(1, { ...every, commit: unhealthyCommit('jobs') })] }));
    await lab.apply(tenantObject('acme', { services: [api(1), job(1)] }));
    await lab.untilReady('punctual', 'failing', 'acme');
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const get = async (path: string): Promise<Live> => (await lab.api.request('GET', path)).body;
  const path = (tenant: string, kind: 'cronjobs' | 'jobs' = 'cronjobs') =>
    `/apis/batch/v1/namespaces/tenant-${tenant}/${kind}`;
  const cronJobOf = (tenant: string) => get(`${path(tenant)}/cleanup`);
  const nextImageOf = async (tenant: string) =>
    (await cronJobOf(tenant)).spec?.jobTemplate.spec.template.spec.containers[0].image;
  const podsOf = async (tenant: string): Promise<Live[]> =>
    (await get(`/api/v1/namespaces/tenant-${tenant}/pods?labelSelector=tenantry.dev/job=cleanup`)).items;
  const saidOf = async (tenant: string): Promise<LiveService & Live> =>
    (await lab.tenant(tenant))?.status?.services?.find(({ name }) => name === 'cleanup');
  /** As `kubectl create job --from=cronjob/cleanup` does. */
  const runByHand = async (tenant: string, name: string) => {
    const { metadata, spec } = await cronJobOf(tenant);
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'cleanup', uid: metadata.uid, controller: true };
    const { labels } = spec.jobTemplate.metadata;
    const annotations = { 'cronjob.kubernetes.io/instantiate': 'manual' };
    const body = { metadata: { name, labels, annotations, ownerReferences: [owner] }, spec: spec.jobTemplate.spec };
    const made = await lab.api.request('POST', path(tenant, 'jobs'), { apiVersion: 'batch/v1', kind: 'Job', ...body });
    expect(made).toMatchObject({ status: 201 });
    return until('its run has ended', async () => {
      const { status } = await get(`${path(tenant, 'jobs')}/${name}`);
      return status.completionTime !== undefined && status;
    });
  };

  test('has a CronJob on its image, and neither pods nor a Service', async () => {
    const { spec } = await cronJobOf('acme');
    expect(spec).toMatchObject({
      schedule: NEVER_IN_THIS_TEST,
      timeZone: 'Europe/Berlin',
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: { activeDeadlineSeconds: 600, backoffLimit: 0 } },
    });
    expect(spec.jobTemplate.spec.template.spec.containers).toMatchObject([
      { image: image('cleanup', 1), command: ['node', 'cleanup.js'] },
    ]);
    expect((await deploymentOf(lab, 'acme', 'cleanup')).code).toBe(404);
    expect((await get('/api/v1/namespaces/tenant-acme/services/cleanup')).code).toBe(404);
    expect(await podsOf('acme')).toEqual([]);
    expect(await saidOf('acme')).toMatchObject({ image: image('cleanup', 1), commit: commit(1), replicas: 0 });
  });

  test('has one write for its CronJob, and none once it is as it should be', async () => {
    lab.writes.reset();
    await lab.apply(tenantObject('fresh', { services: [job(1)] }));
    await lab.untilReady('fresh');
    expect(lab.writes.list().filter(({ what }) => what.includes('cronjobs')).length).toBe(1);

    lab.kill();
    await lab.start();
    lab.writes.reset();
    await lab.change('fresh', { ring: 'other' });
    await lab.untilReady('fresh');
    expect(lab.writes.list().filter(({ what }) => what.includes('cronjobs')).length).toBe(0);
  });

  test('that somebody runs by hand runs, and its Job is left alone', async () => {
    expect(await runByHand('acme', 'by-hand')).toMatchObject({ succeeded: 1 });
    const [pod] = await podsOf('acme');
    expect(pod.spec.containers[0].image).toBe(image('cleanup', 1));
    await lab.change('acme', { services: [api(1), job(2)] });
    await lab.untilReady('acme');
    expect(await nextImageOf('acme')).toBe(image('cleanup', 2));
    expect((await get(`${path('acme', 'jobs')}/by-hand`)).metadata.name).toBe('by-hand');
  });

  test.each<[string, (spec: Live) => void]>([
    ['another time', (spec) => (spec.schedule = '* * * * *')],
    ['a time zone', (spec) => delete spec.timeZone],
    ['suspended', (spec) => (spec.suspend = true)],
    ['two at once', (spec) => (spec.concurrencyPolicy = 'Allow')],
    ['as late as it likes', (spec) => delete spec.startingDeadlineSeconds],
    ['more history', (spec) => (spec.successfulJobsHistoryLimit = 9)],
    ['its Jobs the labels of its pods', (spec) => delete spec.jobTemplate.metadata.labels],
    ['more tries', (spec) => (spec.jobTemplate.spec.backoffLimit = 6)],
    ['no end', (spec) => delete spec.jobTemplate.spec.activeDeadlineSeconds],
    ['five pods', (spec) => Object.assign(spec.jobTemplate.spec, { parallelism: 5, completions: 5 })],
    ['another image', (spec) => (spec.jobTemplate.spec.template.spec.containers[0].image = 'evil')],
    ['a variable', (spec) => spec.jobTemplate.spec.template.spec.containers[0].env.push({ name: 'X', value: 'y' })],
  ])('is put back when somebody gives it: %s', async (_, change) => {
    const { metadata, ...before } = await cronJobOf('acme');
    const edited = structuredClone(before);
    change(edited.spec);
    const { resourceVersion, managedFields, ...told } = metadata;
    const put = await lab.api.request('PUT', `${path('acme')}/cleanup`, { ...edited, metadata: told });
    expect({ status: put.status, message: put.body.message }).toMatchObject({ status: 200 });
    await until('it is as it was', async () => {
      const { spec } = await cronJobOf('acme');
      return JSON.stringify(spec) === JSON.stringify(before.spec);
    });
    // The same object: nothing that ran went with it.
    expect((await cronJobOf('acme')).metadata.uid).toBe(metadata.uid);
  });

  test('runs at its time, and the Tenant says so', async () => {
    const { lastRun } = await until('it has run', async () => {
      const said = await saidOf('punctual');
      return said?.lastRun?.result === 'Succeeded' && said;
    });
    expect(lastRun).toEqual({
      scheduledAt: expect.stringMatching(/:00Z$/),
      result: 'Succeeded',
      succeededAt: expect.stringMatching(/Z$/),
    });
    const [{ metadata }] = (await get(path('punctual', 'jobs'))).items;
    expect(metadata.labels).toEqual({ 'tenantry.dev/job': 'cleanup' });
    expect(metadata.name).toMatch(/^cleanup-\d+$/);
  });

  test('that fails leaves its tenant ready, and its logs where the notice says', async () => {
    const { lastRun } = await until('it has failed', async () => {
      const said = await saidOf('failing');
      return said?.lastRun?.result === 'Failed' && said;
    });
    expect(await lab.condition('failing', 'Ready')).toMatchObject({ status: 'True', reason: 'Ready' });
    const failed = await get(`${path('failing', 'jobs')}/cleanup-${Date.parse(lastRun.scheduledAt) / 60_000}`);
    expect(failed.status).toMatchObject({ failed: 1 });

    await lab.change('failing', { services: [job(2)] });
    await until('its CronJob has the new image', async () => (await nextImageOf('failing')) === image('cleanup', 2));
    await runByHand('failing', 'again');
    await until('that it ran is said', async () => (await saidOf('failing')).lastRun.result === 'Succeeded');
  });

  test('becomes a worker and a service with a schedule again, and never both for long', async () => {
    await lab.apply(tenantObject('either', { services: [api(1), job(1)] }));
    await lab.untilReady('either');
    await lab.change('either', { services: [api(1), worker(1)] });
    await until('the CronJob is gone', async () => (await cronJobOf('either')).code === 404);
    await lab.untilReady('either');
    expect((await deploymentOf(lab, 'either', 'cleanup')).status.readyReplicas).toBe(1);

    await lab.change('either', { services: [api(1), job(1)] });
    await until('the pods are gone', async () => {
      const pods = await get('/api/v1/namespaces/tenant-either/pods?labelSelector=app.kubernetes.io/name=cleanup');
      return (await deploymentOf(lab, 'either', 'cleanup')).code === 404 && pods.items.length === 0;
    });
    await lab.untilReady('either');
    expect(await nextImageOf('either')).toBe(image('cleanup', 1));
  });

  test.each([
    ['suspend', 'Suspended'],
    ['decommission', 'Decommissioned'],
  ] as const)('runs nothing for a tenant that says %s, and what it ran is gone', async (stop, reason) => {
    const name = `to-${stop}`;
    await lab.apply(tenantObject(name, { services: [api(1), job(1)] }));
    await lab.untilReady(name);
    await runByHand(name, 'by-hand');
    await lab.change(name, { [stop]: true });
    await lab.untilReason(name, reason);
    await until('nothing is left of its runs', async () => {
      const [{ items: cronJobs }, { items: jobs }] = [await get(path(name)), await get(path(name, 'jobs'))];
      return cronJobs.length + jobs.length + (await podsOf(name)).length === 0;
    });

    await lab.change(name, { [stop]: false });
    await until('it is back', async () => (await nextImageOf(name)) === image('cleanup', 1));
    await lab.untilReason(name, 'Ready');
  });

  test('gets a new image as its rings have it, whether it ran or not', async () => {
    const pair = await new Pair(lab, 'nightly').begin({ services: [api(1), job(1)] });
    await lab.change(pair.canary, { services: [api(2, 'pods'), job(2)] });
    await lab.change(pair.later, { services: [api(2), job(2)] });
    await pair.untilHeld(pair.canary);
    expect(await nextImageOf(pair.canary)).toBe(image('cleanup', 2));
    expect(await nextImageOf(pair.later)).toBe(image('cleanup', 1));
    // What is held is put back as it was, and not to what is asked for.
    await lab.api.request('DELETE', `${path(pair.later)}/cleanup`);
    await until('it is back', async () => (await nextImageOf(pair.later)) === image('cleanup', 1));

    await pair.ask({ services: [api(3), job(2)] });
    await lab.untilReady(pair.canary, pair.later);
    expect(await nextImageOf(pair.later)).toBe(image('cleanup', 2));
  });

  test('holds nobody up in a ring that has nothing else', async () => {
    const pair = await new Pair(lab, 'only').begin({ services: [job(1)] });
    await pair.ask({ services: [job(2)] });
    await lab.untilReady(pair.canary, pair.later);
    expect(await nextImageOf(pair.later)).toBe(image('cleanup', 2));
  });
});
