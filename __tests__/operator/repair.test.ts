import { setTimeout } from 'node:timers/promises';
import { until } from '../until';
import { AddingWebhook } from './adding-webhook';
import { Lab } from './lab';
import { image, service, tenantObject } from './tenant-object';
import { worldOf } from './world';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

/** What others do to objects of the operator's that makes its own apply invalid, or that nobody can change back. */
describe('an operator', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    await lab.apply(tenantObject('acme'));
    await lab.untilReady('acme');
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const paths = (tenant: string) => ({
    deployment: `/apis/apps/v1/namespaces/tenant-${tenant}/deployments/api`,
    deployments: `/apis/apps/v1/namespaces/tenant-${tenant}/deployments`,
    replicaSets: `/apis/apps/v1/namespaces/tenant-${tenant}/replicasets`,
    pods: `/api/v1/namespaces/tenant-${tenant}/pods`,
    service: `/api/v1/namespaces/tenant-${tenant}/services/api`,
    account: `/api/v1/namespaces/tenant-${tenant}/serviceaccounts/api`,
    binding: `/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-${tenant}/rolebindings/tenantry-operator`,
    bindings: `/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-${tenant}/rolebindings`,
    namespace: `/api/v1/namespaces/tenant-${tenant}`,
    ingress: `/apis/networking.k8s.io/v1/namespaces/tenant-${tenant}/ingresses/tenant`,
  });
  const ACME = paths('acme');
  const get = async (path: string): Promise<Live> => (await lab.api.request('GET', path)).body;
  /** Changes an object as `kubectl edit` does. */
  const edit = async (path: string, change: (object: Live) => void): Promise<void> => {
    const object = await get(path);
    delete object.metadata.resourceVersion;
    change(object);
    const { status, body } = await lab.api.request('PUT', path, object);
    expect({ status, message: body.message }).toMatchObject({ status: 200 });
  };
  const nudge = async (name = 'acme') => {
    const ring = (await lab.tenant(name))?.spec.ring === 'one' ? 'two' : 'one';
    await lab.change(name, { ring });
  };
  /** The world of a tenant, but for what a nudge changes. */
  const world = async (name = 'acme') => {
    const { tenant, ...rest } = (await worldOf(lab, name)) as Live;
    return JSON.stringify({ ...rest, spec: { ...tenant.spec, ring: '' } });
  };
  const container = (deployment: Live) => deployment.spec.template.spec.containers[0];

  test('makes a tenant with one write for each object: what comes back is what was asked for', async () => {
    lab.writes.reset();
    await lab.apply(tenantObject('fresh'));
    await lab.untilReady('fresh');
    const written = lab.writes
      .list()
      .map(({ what }) => what.replace(/\?.*/, ''))
      .filter((what) => what.includes('/namespaces/'));
    expect(written.filter((what) => what.startsWith('PUT'))).toEqual([]);
    expect(new Set(written).size).toBe(written.length);
  });

  test.each<[string, keyof typeof ACME, (object: Live) => void]>([
    [
      'a literal where a value from the Secret was',
      'deployment',
      (object) => {
        const one = container(object).env.find(({ name }: { name: string }) => name === 'PGPASSWORD');
        delete one.valueFrom;
        one.value = 'y';
      },
    ],
    ['another port of a Service', 'service', (object) => (object.spec.ports[0].port = 81)],
    ['another port of a container', 'deployment', (object) => (container(object).ports[0].containerPort = 81)],
    [
      'a probe of another sort',
      'deployment',
      (object) => (container(object).readinessProbe = { tcpSocket: { port: 8080 } }),
    ],
    [
      'a volume of another sort',
      'deployment',
      (object) => (object.spec.template.spec.volumes[0] = { name: 'tmp', hostPath: { path: '/' } }),
    ],
    ['an entry that can’t be merged with anything', 'account', (object) => (object.secrets = [{}])],
    ['a paused rollout', 'deployment', (object) => (object.spec.paused = true)],
    ['a key more in the selector of a Service', 'service', (object) => (object.spec.selector.more = 'x')],
    ['a node selector', 'deployment', (object) => (object.spec.template.spec.nodeSelector = { disk: 'none' })],
    ['variables twice', 'deployment', (object) => container(object).env.push(container(object).env[0])],
    [
      'a Service of another sort',
      'service',
      (object) => {
        object.spec = { type: 'ExternalName', externalName: 'example.com' };
      },
    ],
    [
      'who wrote what forgotten, as after a restore, and a port changed',
      'deployment',
      (object) => {
        object.metadata.managedFields = [{}];
        container(object).ports[0].containerPort = 81;
      },
    ],
    [
      'a role for somebody else besides',
      'binding',
      (object) => object.subjects.push({ kind: 'ServiceAccount', name: 'default', namespace: 'default' }),
    ],
  ])('puts back %s, and deploys on', async (_, what, change) => {
    const before = await world();
    await edit(ACME[what], change);
    await nudge();
    await until('all is as before', async () => (await world()) === before, 20);
    await lab.untilReady('acme');
  });

  test('deploys a service whose sibling can’t be put back, and names object, field and command', async () => {
    const address = (await get(ACME.service)).spec.clusterIP;
    const { metadata, spec } = await get(ACME.service);
    const { clusterIP, clusterIPs, ...rest } = spec;
    const headless = { apiVersion: 'v1', kind: 'Service', spec: { ...rest, clusterIP: 'None' } };
    const { name, namespace, labels } = metadata;
    // The operator would be first.
    lab.writes.intercept(({ what }) => (what.includes('/services/api') ? 'cut one' : 'pass'));
    await lab.api.request('DELETE', ACME.service);
    await until('there is a headless one', async () => {
      const { status } = await lab.api.create({ ...headless, metadata: { name, namespace, labels } } as never);
      return status === 201;
    });
    lab.writes.reset();
    await lab.change('acme', { services: [service('api', 2), service('web', 2)] });
    const { message } = await lab.untilReason('acme', 'Immutable');
    expect(message).toContain('the Service tenant-acme/api must have another spec.clusterIP');
    const command = 'kubectl --namespace tenant-acme delete service api';
    expect(message).toContain(command);
    for (const name of ['api', 'web']) {
      expect(container(await get(`${ACME.deployments}/${name}`)).image).toBe(image(name, 2));
    }
    await lab.api.request('DELETE', ACME.service);
    await nudge();
    await lab.untilReady('acme');
    expect((await get(ACME.service)).spec.clusterIP).not.toBe('None');
    expect(address).not.toBe('None');
  });

  test('gives itself its role again where somebody bound it to another', async () => {
    const { metadata, ...binding } = await get(ACME.binding);
    const { name, namespace, labels } = metadata;
    const roleRef = { ...binding.roleRef, name: 'view' };
    // The operator makes it anew as soon as it is gone, so this may take more than one attempt.
    await until('it has another role', async () => {
      await lab.api.request('DELETE', ACME.binding);
      return (await lab.api.create({ ...binding, roleRef, metadata: { name, namespace, labels } })).status === 201;
    });
    await nudge();
    await until('it has its role', async () => (await get(ACME.binding)).roleRef?.name === binding.roleRef.name);
    await lab.untilReady('acme');
  });

  test.each([
    ['which it takes over, so that pods run on until the new ones are ready', { more: 'x' }, true],
    ['which it could not take over, and which served nobody', undefined, false],
  ])('makes a Deployment anew that somebody made with another selector, %s', async (_, more, takesOver) => {
    const tenant = takesOver ? 'taken' : 'strange';
    const { deployment, deployments, replicaSets, pods } = paths(tenant);
    await lab.apply(tenantObject(tenant, { services: [service('api')] }));
    await lab.untilReady(tenant);
    const before = await get(deployment);
    lab.kill();
    await lab.api.request('DELETE', deployment);
    await until('its pods are gone', async () => (await get(pods)).items.length === 0);
    const other = structuredClone(before);
    other.metadata = { name: 'api', namespace: `tenant-${tenant}`, labels: before.metadata.labels };
    other.spec.selector.matchLabels = more ? { ...before.spec.selector.matchLabels, ...more } : { app: 'api' };
    other.spec.template.metadata.labels = more ? { ...before.spec.template.metadata.labels, ...more } : { app: 'api' };
    expect((await lab.api.request('POST', deployments, other)).status).toBe(201);
    await until('its pods are ready', async () => (await get(deployment)).status.readyReplicas === 1);

    let fewest = 1;
    const ready = ({ metadata, status }: Live) =>
      !metadata.deletionTimestamp &&
      status.conditions?.some((one: Live) => one.type === 'Ready' && one.status === 'True');
    await lab.start();
    await until('its selector is the right one', async () => {
      const { items } = await get(pods);
      fewest = Math.min(fewest, items.filter(ready).length);
      const live = await get(deployment);
      return (
        live.spec?.selector.matchLabels.app === undefined &&
        live.spec?.selector.matchLabels.more === undefined &&
        live.status?.readyReplicas === 1
      );
    });
    await lab.untilReady(tenant);
    if (takesOver) expect(fewest).toBe(1);
    await until('nothing of the other is left', async () => (await get(pods)).items.length === 1);
    for (const { spec, metadata } of (await get(replicaSets)).items) {
      expect({ name: metadata.name, owners: metadata.ownerReferences?.length }).toMatchObject({ owners: 1 });
      expect(spec.replicas).toBe(metadata.labels.more || metadata.labels.app ? 0 : 1);
    }
  });

  test('leaves the restart of pods that somebody asked for, also when something else is put back', async () => {
    const annotation = 'kubectl.kubernetes.io/restartedAt';
    const restart = (object: Live) => (object.spec.template.metadata.annotations[annotation] = '2026-01-01T00:00:00Z');
    await edit(ACME.deployment, restart);
    await nudge();
    await edit(ACME.deployment, (object) => (object.spec.paused = true));
    await nudge();
    await until('it is not paused', async () => (await get(ACME.deployment)).spec.paused === undefined);
    expect((await get(ACME.deployment)).spec.template.metadata.annotations[annotation]).toBe('2026-01-01T00:00:00Z');
    await lab.change('acme', { services: [service('api', 3), service('web', 2)] });
    await until('the new image is there', async () => container(await get(ACME.deployment)).image === image('api', 3));
    await lab.untilReady('acme');
  });

  test('starts no pod again for another commit or release of the same image', async () => {
    const before = await get(ACME.deployment);
    const other = { ...service('api', 3), commit: 'f'.repeat(40), release: 'releases/0.0.9' };
    await lab.change('acme', { services: [other, service('web', 2)] });
    await lab.untilReady('acme');
    const after = await get(ACME.deployment);
    expect(after.spec.template).toEqual(before.spec.template);
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });

  test('names who undoes it again and again, and writes no more for a while', async () => {
    await lab.untilReady('acme');
    lab.writes.reset();
    let stopped = false;
    const autoscaler = (async () => {
      for (; !stopped; await setTimeout(20)) {
        if ((await get(ACME.deployment)).spec.replicas === 5) continue;
        const path = `${ACME.deployment}?fieldManager=autoscaler`;
        await lab.api.request('PATCH', path, { spec: { replicas: 5 } });
      }
    })();
    const { message } = await lab.untilReason('acme', 'Contested');
    expect(message).toContain('somebody changes the Deployment tenant-acme/api again');
    expect(message).toContain('put right: spec.replicas. ');
    expect(message).toContain('autoscaler');
    const writes = lab.writes.list().filter(({ what }) => what.includes('deployments/api'));
    expect(writes.length).toBeLessThan(10);
    stopped = true;
    await autoscaler;
    // It would be put right within a minute.
    await lab.api.request('PATCH', ACME.deployment, { spec: { replicas: 1 } });
    await nudge();
    await lab.untilReady('acme');
  });

  describe('where an admission webhook adds to what it writes', () => {
    const annotation = 'mesh.example.com/injected';
    let webhook: AddingWebhook;
    const { deployment, service: ofService } = paths('meshed');
    beforeAll(async () => {
      webhook = await AddingWebhook.start(annotation, 'yes');
      const label = { 'kubernetes.io/metadata.name': 'tenant-meshed' };
      const configuration = webhook.configuration('mesh', ['', 'apps'], ['deployments', 'services'], label);
      expect((await lab.api.create(configuration)).status).toBe(201);
      await lab.apply(tenantObject('meshed'));
      await lab.untilReady('meshed');
    });
    afterAll(() => webhook?.stop());
    const added = async (path: string) => (await get(path)).metadata.annotations?.[annotation];
    const versions = async () =>
      Promise.all([deployment, ofService].map(async (path) => (await get(path)).metadata.resourceVersion));

    test('it leaves that, and writes nothing more', async () => {
      expect([await added(deployment), await added(ofService)]).toEqual(['yes', 'yes']);
      lab.writes.reset();
      await nudge('meshed');
      await lab.untilReady('meshed');
      const about = lab.writes
        .list()
        .filter(({ what }) => /(deployments|services)\//.test(what) && what.includes('meshed'));
      expect(about).toEqual([]);
    });

    test('it takes nothing else for that', async () => {
      await edit(deployment, (object) => (object.metadata.annotations['example.com/by-hand'] = 'yes'));
      await nudge('meshed');
      await until('it is gone', async () => !('example.com/by-hand' in (await get(deployment)).metadata.annotations));
      expect(await added(deployment)).toBe('yes');
    });

    test('it changes nothing when it is started again, and one write is enough for a new image', async () => {
      await lab.untilReady('meshed');
      const before = await versions();
      lab.kill();
      await lab.start();
      await nudge('meshed');
      await lab.untilReady('meshed');
      await nudge('meshed');
      await lab.untilReady('meshed');
      expect(await versions()).toEqual(before);

      lab.writes.reset();
      await lab.change('meshed', { services: [service('api', 2), service('web')] });
      await until('the new image is there', async () => container(await get(deployment)).image === image('api', 2));
      await lab.untilReady('meshed');
      const about = lab.writes.list().filter(({ what }) => what.includes('tenant-meshed/deployments'));
      expect(about).toHaveLength(1);
    });
  });
});
