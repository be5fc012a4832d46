import type { TenantServiceSpec } from '../../lib/tenant/spec';
import { until } from '../until';
import { Lab } from './lab';
import { api, deploymentOf, podsOf } from './ringed-tenants';
import { image, service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

const DEPLOYMENT = (tenant: string) => `/apis/apps/v1/namespaces/tenant-${tenant}/deployments/api`;
const AUTOSCALER = (tenant: string) => `/apis/autoscaling/v2/namespaces/tenant-${tenant}/horizontalpodautoscalers/api`;
const BUDGET = (tenant: string) => `/apis/policy/v1/namespaces/tenant-${tenant}/poddisruptionbudgets/api`;

/** The real autoscaler runs too, with nobody who measures anything: it only keeps the number between the limits. */
describe('a service whose number of pods goes by itself', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const get = async (path: string): Promise<Live> => (await lab.api.request('GET', path)).body;
  const patch = async (path: string, body: object) => {
    const { status, body: answer } = await lab.api.request('PATCH', path, body);
    expect({ status, message: answer.message }).toMatchObject({ status: 200 });
  };
  const free = (n = 1, changes: Partial<TenantServiceSpec> = {}) =>
    api(n, undefined, { replicas: 2, maxReplicas: 6, ...changes });
  const begin = async (tenant: string, ...services: readonly TenantServiceSpec[]) => {
    await lab.apply(tenantObject(tenant, { services: [...services] }));
    await lab.untilReady(tenant);
  };
  const ask = (tenant: string, ...services: readonly TenantServiceSpec[]) =>
    lab.change(tenant, { services: [...services] });
  /** As the autoscaler does it. */
  const scale = (tenant: string, replicas: number) => patch(`${DEPLOYMENT(tenant)}/scale`, { spec: { replicas } });
  const untilTold = (tenant: string, ready: number, replicas = ready) =>
    until(`${tenant} is told to have ${ready} of ${replicas} pods`, async () => {
      const told = (await lab.tenant(tenant))?.status?.services?.[0];
      return told?.readyReplicas === ready && told.replicas === replicas;
    });
  const ready = async (tenant: string) => {
    const conditions = (await lab.tenant(tenant))?.status?.conditions ?? [];
    const found = conditions.find(({ type }) => type === 'Ready');
    return { status: found?.status, since: found?.lastTransitionTime };
  };

  test('has an autoscaler with its limits, and a budget that lets nodes be emptied', async () => {
    await begin('limits', free(1, { targetCpu: 70 }));
    const { spec } = await get(AUTOSCALER('limits'));
    expect(spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'api',
            target: { type: 'Utilization', averageUtilization: 70 },
          },
        },
      ],
    });
    await until('Kubernetes knows how many pods may go', async () => {
      const { status } = await get(BUDGET('limits'));
      return status.expectedPods === 2 && status.disruptionsAllowed === 1;
    });
    const [pod] = await podsOf(lab, 'limits');
    const evict = ({ metadata: { name, namespace } }: Live) =>
      lab.api.request('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
      });
    expect((await evict(pod)).status).toBe(201);
    await ask('limits', free(1, { maxReplicas: 4, targetCpu: 90 }));
    await until('it has its new limits', async () => (await get(AUTOSCALER('limits'))).spec.maxReplicas === 4);
    expect((await get(AUTOSCALER('limits'))).spec.metrics[0].containerResource.target.averageUtilization).toBe(90);
  });

  test('keeps the pods that its autoscaler gave it, and is ready all the while', async () => {
    await begin('busy', free());
    const before = await ready('busy');
    const counts = await countsAllTheWhile(lab, 'busy');
    for (const pods of [5, 3, 6]) {
      lab.writes.reset();
      await scale('busy', pods);
      await untilTold('busy', pods);
      const written = lab.writes.list().map(({ what }) => what.replace(/\?[^ ]*/, ''));
      expect([...new Set(written)]).toEqual(['PATCH /apis/tenantry.dev/v1/tenants/busy/status (Ready)']);
    }
    expect(await ready('busy')).toEqual(before);

    await ask('busy', free(2));
    await lab.untilReady('busy');
    expect((await deploymentOf(lab, 'busy')).spec.template.spec.containers[0].image).toBe(image('api', 2));
    await patch(DEPLOYMENT('busy'), { spec: { paused: true } });
    await until('it is not paused', async () => (await deploymentOf(lab, 'busy')).spec.paused === undefined);
    lab.kill();
    await scale('busy', 4);
    await lab.start();
    await untilTold('busy', 4);
    await ask('busy', free(3));
    await lab.untilReady('busy');
    expect(await counts.end()).toEqual([2, 5, 3, 6, 4]);
  });

  test('never has fewer or more pods than it may, whoever says so', async () => {
    await begin('bounded', free());
    for (const [pods, back] of [
      [0, 2],
      [50, 6],
    ] as const) {
      await scale('bounded', pods);
      await until(`it has ${back} pods again`, async () => (await deploymentOf(lab, 'bounded')).spec.replicas === back);
      await untilTold('bounded', back);
    }
  });

  test('passes from a number to its autoscaler and back with no pod less than either of them says', async () => {
    await begin('handover', api(1, undefined, { replicas: 3 }));
    const counts = await countsAllTheWhile(lab, 'handover');
    await ask('handover', free());
    await until('it has an autoscaler', async () => (await get(AUTOSCALER('handover'))).code !== 404);
    await lab.untilReady('handover');
    await scale('handover', 5);
    await untilTold('handover', 5);
    await ask('handover', api(1, undefined, { replicas: 3 }));
    await untilTold('handover', 3);
    expect((await get(AUTOSCALER('handover'))).code).toBe(404);
    expect((await get(BUDGET('handover'))).code).not.toBe(404);
    await ask('handover', api(1));
    await untilTold('handover', 1);
    await until('it has no budget', async () => (await get(BUDGET('handover'))).code === 404);
    expect(await counts.end()).toEqual([3, 5, 3, 1]);
    // None of its pods was started again for any of that.
    expect((await deploymentOf(lab, 'handover')).metadata.annotations['deployment.kubernetes.io/revision']).toBe('1');
  });

  test('has no pods and no autoscaler while its tenant is suspended, and comes back with the fewest', async () => {
    await begin('asleep', free());
    await scale('asleep', 5);
    await untilTold('asleep', 5);
    await lab.change('asleep', { suspend: true });
    await lab.untilReason('asleep', 'Suspended');
    await until('it has no pods', async () => (await podsOf(lab, 'asleep')).length === 0);
    for (const path of [AUTOSCALER('asleep'), BUDGET('asleep')]) expect((await get(path)).code).toBe(404);
    await lab.change('asleep', { suspend: false });
    await untilTold('asleep', 2);
    expect((await get(AUTOSCALER('asleep'))).spec.minReplicas).toBe(2);
  });

  test('gets back what somebody changed of its autoscaler and its budget, or took away', async () => {
    await begin('meddled', free());
    const paths = [AUTOSCALER('meddled'), BUDGET('meddled')];
    const before = await Promise.all(paths.map(async (path) => (await get(path)).spec));
    const edits = [{ maxReplicas: 60, behavior: { scaleDown: { selectPolicy: 'Disabled' } } }, { maxUnavailable: 0 }];
    for (const [index, path] of paths.entries()) {
      await patch(path, { spec: edits[index] });
      await until(`${path} is as before`, async () => {
        return JSON.stringify((await get(path)).spec) === JSON.stringify(before[index]);
      });
      const { uid } = (await get(path)).metadata;
      await lab.api.request('DELETE', path);
      await until(`${path} is there again`, async () => {
        const found = await get(path);
        return found.code !== 404 && found.metadata.uid !== uid;
      });
      expect((await get(path)).spec).toEqual(before[index]);
    }
    await lab.untilReady('meddled');
  });

  test('keeps its pods where nothing measures them, and its autoscaler says so', async () => {
    await begin('unmeasured', free());
    await scale('unmeasured', 3);
    const { conditions } = await until('the autoscaler has tried', async () => {
      const { status } = await get(AUTOSCALER('unmeasured'));
      return status?.currentReplicas === 3 && status.conditions.length > 1 && status;
    });
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'ScalingActive', status: 'False', reason: 'FailedGetContainerResourceMetric' }),
    );
    await untilTold('unmeasured', 3);
  });

  test('has its volumes and its role, and a pod that starts again for another role alone', async () => {
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    const worker = (changes: Partial<TenantServiceSpec>) =>
      service('api', 1, { volumes: [{ name: 'cache', path: '/var/cache', size: '1Gi' }], ...changes });
    await begin('equipped', worker({ role: role('one') }));
    const account = () => get('/api/v1/namespaces/tenant-equipped/serviceaccounts/api');
    expect((await account()).metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': role('one') });
    const [pod] = await podsOf(lab, 'equipped');
    expect(pod.spec.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
      { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
    ]);
    expect(pod.spec.containers[0].volumeMounts).toContainEqual({ name: 'cache', mountPath: '/var/cache' });
    await ask('equipped', worker({ role: role('two') }));
    await until('another pod has taken over', async () => {
      const pods = await podsOf(lab, 'equipped');
      return pods.length === 1 && pods[0].metadata.uid !== pod.metadata.uid;
    });
    expect((await account()).metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': role('two') });
    await ask('equipped', worker({}));
    await until('it has no role', async () => (await account()).metadata.annotations === undefined);
    await lab.untilReady('equipped');
  });
});

/** How many pods a tenant's service `api` is to have, one number after the other. */
async function countsAllTheWhile(lab: Lab, tenant: string) {
  const count = async (): Promise<number> => (await deploymentOf(lab, tenant)).spec.replicas;
  const counts = [await count()];
  let goesOn = true;
  const counting = (async () => {
    while (goesOn) {
      const replicas = await count();
      if (counts.at(-1) !== replicas) counts.push(replicas);
    }
  })();
  return {
    async end(): Promise<readonly number[]> {
      goesOn = false;
      await counting;
      return counts;
    },
  };
}
