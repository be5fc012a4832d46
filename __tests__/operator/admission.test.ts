import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import type { TenantManifest } from '../../lib/stacks/tenant-manifest';
import { pathOf } from '../e2e/kubernetes-api';
import { until } from '../until';
import {
  ADMINISTRATOR,
  BareCluster,
  BREAK_GLASS,
  type Caller,
  DEPLOYER,
  MANIFESTS,
  OPERATOR,
  PLANNER,
  type RequestOptions,
  STRANGER,
} from './bare-cluster';
import { image, service, tenantObject } from './tenant-object';

const TENANTS = '/apis/tenantry.dev/v1/tenants';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/tenantry-system/deployments';
const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const NAMESPACES = '/api/v1/namespaces';
const FINALIZER = 'tenantry.dev/operator';
const REGISTRY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry-operator';
const CALLERS = { ADMINISTRATOR, BREAK_GLASS, DEPLOYER, OPERATOR, PLANNER, STRANGER };
/** The operator's own volume, without which it could not start. */
const DATABASE = { name: 'database', secret: { secretName: 'tenantry-database' } };
const LIFECYCLE = { postStart: { exec: { command: ['sh'] } } };
type Name = keyof typeof CALLERS;

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly metadata: object; readonly spec: { readonly containers: readonly [Container] } };
  };
}
type Container = Readonly<Record<string, unknown>>;

/** Least privilege on the API server alone: every rule, allowed and refused, with what it says to a person. */
describe('the admission policies', () => {
  let cluster: BareCluster;
  beforeAll(async () => {
    cluster = await BareCluster.create();
    await cluster.install(MANIFESTS.filter(({ kind }) => kind !== 'Deployment').map(withRepository));
    for (const object of rightsOf(STRANGER)) await cluster.made(object);
    await until('the policies hold', async () => {
      const probe = await ask('ADMINISTRATOR', 'POST', TENANTS, { body: tenantObject('probe') });
      const deployment = await ask('DEPLOYER', 'POST', DEPLOYMENTS, { body: deploymentNamed('probe') });
      return probe.status === 403 && /may make no Deployment/.test(deployment.body.message);
    });
  });
  afterAll(() => cluster?.remove());

  const ask = (name: Name, method: string, path: string, options?: RequestOptions) =>
    cluster.request(CALLERS[name] as Caller, method, path, options);
  const refusal = (message: string) => ({ status: 403, body: { message: expect.stringContaining(message) } });
  const tenant = async (name: string) => (await ask('ADMINISTRATOR', 'GET', `${TENANTS}/${name}`)).body;
  /** As Terraform does. */
  const deploy = (manifest: TenantManifest) =>
    ask('DEPLOYER', 'PATCH', `${TENANTS}/${manifest.metadata.name}`, { body: manifest, patch: 'apply' });
  const hold = (name: string) =>
    ask('OPERATOR', 'PATCH', `${TENANTS}/${name}`, { body: { metadata: { finalizers: [FINALIZER] } } });

  test('are free of type errors, as Kubernetes checks them', async () => {
    for (const { metadata } of MANIFESTS.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')) {
      const { status } = await until(`the types of ${metadata.name} are checked`, async () => {
        const { body } = await ask('ADMINISTRATOR', 'GET', `${POLICIES}/${metadata.name}`);
        return body.status?.observedGeneration === body.metadata.generation && body.status.typeChecking && body;
      });
      expect([metadata.name, status.typeChecking.expressionWarnings ?? []]).toEqual([metadata.name, []]);
    }
  });

  test('are checked for their types at all: one that is wrong has a warning', async () => {
    const policy = MANIFESTS.find(({ metadata }) => metadata.name.startsWith('tenants-are-decommissioned-first'));
    const wrong = JSON.parse(
      JSON.stringify({ ...policy, metadata: { name: 'wrong' } }).replace('.decommission ==', '.decomission =='),
    );
    await cluster.made(wrong);
    await until('there is a warning', async () => {
      const { body } = await ask('ADMINISTRATOR', 'GET', `${POLICIES}/wrong`);
      return body.status?.typeChecking?.expressionWarnings?.length > 0;
    });
    await ask('ADMINISTRATOR', 'DELETE', `${POLICIES}/wrong`);
  });

  describe("a Tenant's spec", () => {
    beforeAll(async () => {
      expect((await deploy(tenantObject('acme'))).status).toBe(201);
    });

    test('is written by deploys, which put back what is not in the file', async () => {
      const changed = tenantObject('acme', { services: [service('api', 2), service('web')] });
      expect(await deploy(changed)).toMatchObject({ status: 200, body: { spec: changed.spec } });
      expect((await deploy(changed)).status).toBe(200);
    });

    test('may be as large as it gets', async () => {
      const long = (start: string, length: number) => start.padEnd(length, 'x');
      const services = Array.from({ length: 64 }, (_, n) =>
        service(long(`s${n}-`, 63), 1, {
          image: `${long('r/', 440)}@sha256:${'a'.repeat(64)}`,
          path: long(`/${n}`, 255),
          healthPath: long('/', 1024),
          release: long('releases/', 63),
        }),
      );
      expect((await deploy(tenantObject('large', { services }))).status).toBe(201);
      const last = services.with(63, { ...(services[63] as (typeof services)[0]), replicas: 2 });
      expect((await deploy(tenantObject('large', { services: last }))).status).toBe(200);
      expect(await ask('ADMINISTRATOR', 'PATCH', `${TENANTS}/large`, { body: { spec: { services } } })).toMatchObject(
        refusal('its file says'),
      );
    });

    test.each<Name>(['ADMINISTRATOR', 'OPERATOR', 'STRANGER'])(
      'is not written by hand, and the answer says what to do: %s',
      async (name) => {
        for (const spec of [{ decommission: true }, { host: 'attacker.example.com' }, { extra: null, ring: 'canary' }])
          expect(await ask(name, 'PATCH', `${TENANTS}/acme`, { body: { spec } })).toMatchObject(
            refusal(
              'what the tenant acme is, its file says: change acme.yaml and deploy. In an emergency: ' +
                'kubectl --as="$USER" --as-group=tenantry:break-glass edit tenant acme; the next deploy puts back what the file says',
            ),
          );
      },
    );

    test('is made by nobody but a deploy', async () => {
      for (const name of ['ADMINISTRATOR', 'STRANGER'] as const)
        expect(await ask(name, 'POST', TENANTS, { body: tenantObject('new') })).toMatchObject(refusal('its file says'));
      for (const name of ['OPERATOR', 'PLANNER', 'BREAK_GLASS'] as const)
        expect((await ask(name, 'POST', TENANTS, { body: tenantObject('new') })).status).toBe(403);
    });

    test('may be replaced whole by nobody else either', async () => {
      const { body } = await ask('ADMINISTRATOR', 'GET', `${TENANTS}/acme`);
      const replaced = { ...body, spec: { ...body.spec, decommission: true } };
      expect(await ask('ADMINISTRATOR', 'PUT', `${TENANTS}/acme`, { body: replaced })).toMatchObject(
        refusal('its file says'),
      );
    });

    test('is written in an emergency by those who say that it is one, which is all that they may do', async () => {
      const host = 'emergency.example.com';
      const edited = await ask('BREAK_GLASS', 'PATCH', `${TENANTS}/acme`, { body: { spec: { host } } });
      expect(edited).toMatchObject({ status: 200, body: { spec: { host } } });
      expect((await ask('BREAK_GLASS', 'PUT', `${TENANTS}/acme`, { body: edited.body })).status).toBe(200);
      expect((await ask('BREAK_GLASS', 'DELETE', `${TENANTS}/acme`)).status).toBe(403);
      expect((await ask('BREAK_GLASS', 'GET', '/api/v1/secrets')).status).toBe(403);
      expect((await ask('BREAK_GLASS', 'POST', DEPLOYMENTS, { body: deployment() })).status).toBe(403);
      // And the next deploy puts it back.
      expect((await deploy(tenantObject('acme'))).body.spec.host).toBe('acme.example.com');
    });

    test('is in nobody’s way who writes something else: kubectl annotate, a storage migration, an owner', async () => {
      const annotations = { 'example.com/contact': 'ops' };
      for (const name of ['ADMINISTRATOR', 'STRANGER', 'OPERATOR'] as const)
        expect((await ask(name, 'PATCH', `${TENANTS}/acme`, { body: { metadata: { annotations } } })).status).toBe(200);
      expect((await ask('ADMINISTRATOR', 'PUT', `${TENANTS}/acme`, { body: await tenant('acme') })).status).toBe(200);
    });
  });

  describe("the operator's finalizer", () => {
    const released = { body: { metadata: { finalizers: null } } };
    const message = 'is in use, and without the finalizer tenantry.dev/operator it could disappear';
    /** As the operator does when it has looked. */
    const observe = async (name: string) => {
      const status = { observedGeneration: (await tenant(name)).metadata.generation };
      expect((await ask('OPERATOR', 'PATCH', `${TENANTS}/${name}/status`, { body: { status } })).status).toBe(200);
    };
    beforeEach(async () => {
      await deploy(tenantObject('held'));
      expect((await hold('held')).status).toBe(200);
    });

    test.each<Name>(['ADMINISTRATOR', 'STRANGER', 'DEPLOYER', 'OPERATOR'])(
      'of a Tenant in use is not removed: %s',
      async (name) => {
        expect(await ask(name, 'PATCH', `${TENANTS}/held`, released)).toMatchObject(refusal(message));
        const others = { body: { metadata: { finalizers: ['example.com/theirs'] } } };
        expect(await ask(name, 'PATCH', `${TENANTS}/held`, others)).toMatchObject(refusal(message));
        const added = { body: { metadata: { finalizers: ['example.com/theirs', FINALIZER] } } };
        expect((await ask(name, 'PATCH', `${TENANTS}/held`, added)).status).toBe(200);
      },
    );

    test('stays through a deploy, and is removed in an emergency', async () => {
      expect((await deploy(tenantObject('held', { ring: 'canary' }))).body.metadata.finalizers).toEqual([FINALIZER]);
      expect((await ask('BREAK_GLASS', 'PATCH', `${TENANTS}/held`, released)).status).toBe(200);
    });

    test('of a decommissioned Tenant goes when the operator says so, and the Tenant with it', async () => {
      expect((await deploy(tenantObject('leaving'))).status).toBe(201);
      await hold('leaving');
      expect(await ask('DEPLOYER', 'DELETE', `${TENANTS}/leaving`)).toMatchObject(refusal('is in use. To delete it'));
      expect((await deploy(tenantObject('leaving', { decommission: true }))).status).toBe(200);
      expect((await ask('OPERATOR', 'DELETE', `${TENANTS}/leaving`)).status).toBe(403);
      await observe('leaving');
      expect((await ask('DEPLOYER', 'DELETE', `${TENANTS}/leaving`)).status).toBe(200);
      expect((await ask('OPERATOR', 'PATCH', `${TENANTS}/leaving`, released)).status).toBe(200);
      expect((await ask('ADMINISTRATOR', 'GET', `${TENANTS}/leaving`)).status).toBe(404);
    });

    test('may be missing from a decommissioned Tenant, which is deleted only when its namespace says that the database is kept', async () => {
      const leaving = (deletionPolicy: 'Retain' | 'Delete') =>
        deploy(tenantObject('late', { decommission: true, database: { name: 'late', deletionPolicy } }));
      const unseen = refusal('the operator has not looked at tenant late since it was changed last');
      await leaving('Delete');
      await observe('late');
      expect((await leaving('Retain')).status).toBe(200);
      expect(await ask('DEPLOYER', 'DELETE', `${TENANTS}/late`)).toMatchObject(unseen);
      await observe('late');
      expect((await ask('DEPLOYER', 'DELETE', `${TENANTS}/late`)).status).toBe(200);

      expect((await leaving('Delete')).status).toBe(201);
      expect((await ask('DEPLOYER', 'DELETE', `${TENANTS}/late`)).status).toBe(200);
    });

    test('does not hinder the garbage collector, which is refused what a person is refused', async () => {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace: 'default' } };
      await cluster.made(owner as KubernetesObject);
      const decommissioned = tenantObject('owner', { decommission: true });
      expect((await deploy(decommissioned)).status).toBe(201);
      await observe('owner');
      // In the foreground the collector puts a finalizer on a Tenant, and takes it off.
      const body = { propagationPolicy: 'Foreground' };
      expect((await ask('DEPLOYER', 'DELETE', `${TENANTS}/owner`, { body })).status).toBe(200);
      await until(
        'the Tenant is gone',
        async () => (await ask('ADMINISTRATOR', 'GET', `${TENANTS}/owner`)).status === 404,
      );
    });
  });

  describe("a Tenant's status", () => {
    const status = { body: { status: { observedGeneration: 1 } } };
    beforeAll(() => deploy(tenantObject('seen')));

    test('is written by the operator', async () => {
      expect((await ask('OPERATOR', 'PATCH', `${TENANTS}/seen/status`, status)).status).toBe(200);
    });

    test.each<Name>(['ADMINISTRATOR', 'STRANGER'])('is not written by anybody else: %s', async (name) => {
      expect(await ask(name, 'PATCH', `${TENANTS}/seen/status`, status)).toMatchObject(
        refusal('the status of a tenant is what the operator saw, and only the operator writes it'),
      );
    });

    test.each<Name>(['DEPLOYER', 'BREAK_GLASS', 'PLANNER'])('is nothing that RBAC lets the %s write', async (name) => {
      expect(await ask(name, 'PATCH', `${TENANTS}/seen/status`, status)).toMatchObject(
        refusal('cannot patch resource'),
      );
    });

    test('takes no spec along', async () => {
      const body = { status: { observedGeneration: 2 }, spec: { decommission: true } };
      expect((await ask('OPERATOR', 'PATCH', `${TENANTS}/seen/status`, { body })).status).toBe(200);
      expect((await tenant('seen')).spec.decommission).toBe(false);
    });
  });

  describe("the operator's Deployment", () => {
    const OURS = `${DEPLOYMENTS}/tenantry-operator`;
    const apply = (body: Deployment, name: Name = 'DEPLOYER') =>
      ask(name, 'PATCH', `${DEPLOYMENTS}/${body.metadata.name}`, { body, patch: 'apply' });
    beforeEach(async () => {
      await ask('ADMINISTRATOR', 'DELETE', OURS);
      await until('it is gone', async () => (await ask('ADMINISTRATOR', 'GET', OURS)).status === 404);
    });

    test('is made by a deploy as operator/deploy has it, and gets a new image by one', async () => {
      expect(await apply(deployment())).toMatchObject({ status: 201 });
      const next = deployment({ image: pinned(2) }, {}, { 'git.sha': 'b'.repeat(40), 'tenantry.dev/release': 'x' });
      expect(await apply(next)).toMatchObject({ status: 200 });
      await until('the deployment controller has written to it', async () => {
        const { metadata } = (await ask('ADMINISTRATOR', 'GET', OURS)).body;
        return 'deployment.kubernetes.io/revision' in (metadata.annotations ?? {});
      });
    });

    test.each<[string, Container, object, object, string]>([
      ['of another repository', { image: pinned(1, 'ghcr.io/attacker/tenantry-operator') }, {}, {}, REGISTRY],
      ['of one whose name only starts the same', { image: pinned(1, `${REGISTRY}-x`) }, {}, {}, REGISTRY],
      ['by tag', { image: `${REGISTRY}:latest` }, {}, {}, 'pinned by digest'],
      ['with a command', { command: ['sh'] }, {}, {}, 'containers[0].command'],
      ['with arguments', { args: ['-c', 'env'] }, {}, {}, 'containers[0].args'],
      ['with a variable', { env: [{ name: 'PYTHONSTARTUP', value: '/x' }] }, {}, {}, 'containers[0].env'],
      ['with nothing mounted', { volumeMounts: undefined }, {}, {}, 'containers[0].volumeMounts'],
      ['with variables of a Secret', { envFrom: [{ secretRef: { name: 'x' } }] }, {}, {}, 'containers[0].envFrom'],
      ['with a file system that is written', { securityContext: {} }, {}, {}, 'containers[0].securityContext'],
      ['with something run after its start', { lifecycle: LIFECYCLE }, {}, {}, 'containers[0].lifecycle'],
      ['in another directory', { workingDir: '/tmp' }, {}, {}, 'containers[0].workingDir'],
      [
        'with a probe that runs something',
        { livenessProbe: LIFECYCLE.postStart },
        {},
        {},
        'containers[0].livenessProbe',
      ],
      ['under another name', { name: 'x' }, {}, {}, 'containers[0].name'],
      ['with a volume', {}, { volumes: [DATABASE, { name: 'x', emptyDir: {} }] }, {}, 'changes volumes.'],
      ['with a first container', {}, { initContainers: [{ name: 'x', image: 'x' }] }, {}, 'changes initContainers.'],
      ['with a second container', {}, { containers: [{ name: 'x', image: pinned(1) }] }, {}, 'in one container'],
      ['on the network of the node', {}, { hostNetwork: true }, {}, 'hostNetwork'],
      ['with another account', {}, { serviceAccountName: 'default' }, {}, 'serviceAccountName'],
      ['as root', {}, { securityContext: { runAsNonRoot: false } }, {}, 'changes securityContext.'],
      ['on a node of its choice', {}, { nodeName: 'x' }, {}, 'changes nodeName.'],
      ['with a label that a controller acts on', {}, {}, { 'sidecar.istio.io/inject': 'true' }, 'may set no labels'],
    ])('is refused by a deploy %s, new or changed', async (_, container, pod, labels, message) => {
      const wrong = deployment(container, pod, labels);
      expect(await apply(wrong)).toMatchObject(refusal(message));
      expect((await ask('DEPLOYER', 'POST', DEPLOYMENTS, { body: wrong })).status).toBe(403);
      expect((await apply(deployment())).status).toBe(201);
      const { containers, ...others } = wrong.spec.template.spec;
      const template = { metadata: wrong.spec.template.metadata, spec: { ...others, containers } };
      // A merge patch takes away by null what an apply leaves out.
      const nulls = JSON.parse(JSON.stringify({ spec: { template } }, (__, value) => value ?? null));
      expect(await ask('DEPLOYER', 'PATCH', OURS, { body: nulls })).toMatchObject({ status: 403 });
      // A cluster administrator knows what they do.
      expect((await apply(wrong, 'ADMINISTRATOR')).status).toBe(200);
    });

    test.each<[string, object, string]>([
      ['as two', { replicas: 2 }, 'one operator at a time'],
      ['one beside the other', { strategy: { type: 'RollingUpdate' } }, 'one operator at a time'],
    ])('is refused by a deploy %s', async (_, spec, message) => {
      const wrong = { ...deployment(), spec: { ...deployment().spec, ...spec } };
      expect(await apply(wrong)).toMatchObject(refusal(message));
    });

    test('is refused by a deploy with an annotation on its pods', async () => {
      const { spec, ...others } = deployment();
      const metadata = { ...spec.template.metadata, annotations: { 'vault.hashicorp.com/agent-inject': 'true' } };
      const wrong = { ...others, spec: { ...spec, template: { ...spec.template, metadata } } } as Deployment;
      expect(await apply(wrong)).toMatchObject(refusal('no annotations'));
    });

    test('is the only one: no deploy makes, changes or deletes another', async () => {
      expect(await ask('DEPLOYER', 'POST', DEPLOYMENTS, { body: deploymentNamed('other') })).toMatchObject(
        refusal('may make no Deployment in tenantry-system but tenantry-operator, and this is other'),
      );
      expect((await ask('ADMINISTRATOR', 'POST', DEPLOYMENTS, { body: deploymentNamed('other') })).status).toBe(201);
      expect((await apply(deploymentNamed('other'))).status).toBe(403);
      expect((await ask('DEPLOYER', 'DELETE', `${DEPLOYMENTS}/other`)).status).toBe(403);
      expect((await apply(deployment())).status).toBe(201);
      expect((await ask('DEPLOYER', 'DELETE', OURS)).status).toBe(403);
      expect((await ask('DEPLOYER', 'PATCH', `${OURS}/scale`, { body: { spec: { replicas: 9 } } })).status).toBe(403);
      const accounts = `${NAMESPACES}/tenantry-system/serviceaccounts`;
      expect((await ask('DEPLOYER', 'POST', accounts, { body: { metadata: { name: 'x' } } })).status).toBe(403);
      const role = { metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' } } };
      expect((await ask('DEPLOYER', 'PATCH', `${accounts}/tenantry-operator`, { body: role })).status).toBe(403);
      const template = `${NAMESPACES}/tenantry-system/podtemplates/tenantry-operator`;
      expect((await ask('DEPLOYER', 'PATCH', template, { body: {} })).status).toBe(403);
      for (const name of ['PLANNER', 'DEPLOYER'] as const) expect((await ask(name, 'GET', template)).status).toBe(200);
    });

    test('may keep what an administrator put there: no deploy stops for it, and each puts back what it says itself', async () => {
      expect((await apply(deployment())).status).toBe(201);
      const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
      const edit = { spec: { replicas: 0, template: { spec: { tolerations, terminationGracePeriodSeconds: 60 } } } };
      expect((await ask('ADMINISTRATOR', 'PATCH', OURS, { body: edit })).status).toBe(200);
      const { status, body } = await apply(deployment({ image: pinned(3) }));
      expect(status).toBe(200);
      expect(body.spec).toMatchObject({ replicas: 1, template: { spec: { tolerations } } });
      const more = { spec: { template: { spec: { tolerations: [{ operator: 'Exists' }] } } } };
      expect(await ask('DEPLOYER', 'PATCH', OURS, { body: more })).toMatchObject(refusal('changes tolerations.'));
    });

    test('is refused to every deploy while nothing says how it must look', async () => {
      const template = MANIFESTS.find(({ kind }) => kind === 'PodTemplate') as KubernetesObject;
      const path = `${pathOf(template)}/tenantry-operator`;
      await ask('ADMINISTRATOR', 'DELETE', path);
      const message = await until('the API server knows', async () => {
        const { body } = await apply(deployment());
        return body.status === 'Failure' && body.message;
      });
      expect(message).toContain('no params found');
      await cluster.made(withRepository(template));
      await until('the API server knows', async () => (await apply(deployment())).status < 300);
    });
  });

  describe("the operator's own Secret", () => {
    const secret = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      stringData: { username: 'a', password: 'b' },
    });
    const secrets = (namespace: string) => `${NAMESPACES}/${namespace}/secrets`;
    beforeAll(async () => {
      const labels = { 'tenantry.dev/tenant': 'acme', 'pod-security.kubernetes.io/enforce': 'restricted' };
      for (const name of ['tenant-acme', 'tenant-portal', 'billing']) {
        const metadata = { name, labels: name === 'tenant-acme' ? labels : {} };
        await cluster.made({ apiVersion: 'v1', kind: 'Namespace', metadata } as KubernetesObject);
        // By hand, as if the operator had been let in where it has no business: then the policy is all that is left.
        await cluster.made(access(name));
      }
      await until(
        'it may read',
        async () => (await ask('OPERATOR', 'GET', `${secrets('tenant-acme')}/tenantry-credentials`)).status === 404,
      );
    });

    test('is named tenantry-credentials: it makes no other, and lists no others; it gets those that services name', async () => {
      expect(await ask('OPERATOR', 'POST', secrets('tenant-acme'), { body: secret('other') })).toMatchObject(
        refusal('the operator may write no Secret in the namespace tenant-acme but tenantry-credentials'),
      );
      expect(
        (await ask('OPERATOR', 'POST', secrets('tenant-acme'), { body: secret('tenantry-credentials') })).status,
      ).toBe(201);
      const labelled = { body: { metadata: { labels: { a: 'b' } } } };
      expect((await ask('OPERATOR', 'PATCH', `${secrets('tenant-acme')}/tenantry-credentials`, labelled)).status).toBe(
        200,
      );
      expect((await ask('OPERATOR', 'GET', `${secrets('tenant-acme')}/tenantry-credentials`)).status).toBe(200);
      for (const path of [secrets('tenant-acme'), `${secrets('default')}/other`, '/api/v1/secrets'])
        expect((await ask('OPERATOR', 'GET', path)).status).toBe(403);
      expect((await ask('OPERATOR', 'GET', `${secrets('tenant-acme')}/other`)).status).toBe(404);
      const named = '/api/v1/secrets?fieldSelector=metadata.name=';
      expect((await ask('OPERATOR', 'GET', `${named}tenantry-credentials`)).status).toBe(200);
      expect((await ask('OPERATOR', 'GET', `${named}other`)).status).toBe(403);
      expect((await ask('OPERATOR', 'PATCH', `${secrets('tenant-acme')}/database`, labelled)).status).toBe(403);
      expect((await ask('OPERATOR', 'DELETE', `${secrets('tenant-acme')}/tenantry-credentials`)).status).toBe(403);
    });

    test.each([
      ['tenant-portal', 'has no label tenantry.dev/tenant'],
      ['billing', 'the operator has no business in the namespace billing'],
    ])('is made in no namespace but a tenant’s: not in %s', async (namespace, message) => {
      expect(await ask('OPERATOR', 'POST', secrets(namespace), { body: secret('tenantry-credentials') })).toMatchObject(
        refusal(message),
      );
    });
  });
});

function pinned(n: number, repository = REGISTRY): string {
  return image('x', n).replace(/^[^@]+/, repository);
}

/** The Deployment in operator/deploy as a deploy applies it, or with something else about its container, pod and labels. */
function deployment(container: Container = {}, pod: object = {}, labels: object = {}): Deployment {
  const { metadata, spec, ...others } = MANIFESTS.find(({ kind }) => kind === 'Deployment') as Deployment;
  const { template } = spec;
  const [only] = template.spec.containers;
  const { containers = [] } = pod as { containers?: readonly Container[] };
  const all = { 'git.sha': 'a'.repeat(40), 'tenantry.dev/release': 'releases-0.0.2', ...labels };
  const written = template.metadata as { labels: object };
  return {
    ...others,
    metadata,
    spec: {
      ...spec,
      template: {
        metadata: { labels: { ...written.labels, ...all } },
        spec: {
          ...template.spec,
          ...pod,
          containers: [{ ...only, image: pinned(1), ...container }, ...containers] as unknown as readonly [Container],
        },
      },
    },
  };
}

function deploymentNamed(name: string): Deployment {
  return { ...deployment(), metadata: { name, namespace: 'tenantry-system' } };
}

/** As the operator stack does. */
function withRepository(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'PodTemplate') return object;
  return JSON.parse(JSON.stringify(object).replace('"image":"tenantry-operator"', `"image":"${REGISTRY}"`));
}

function access(namespace: string): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'tenantry-operator', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tenantry-operator-in-tenant' },
    subjects: [{ kind: 'ServiceAccount', name: 'tenantry-operator', namespace: 'tenantry-system' }],
  };
}

/** May write Tenants, by a role that is none of ours. */
function rightsOf({ groups }: Caller): readonly KubernetesObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rules = [{ apiGroups: ['tenantry.dev'], resources: ['tenants', 'tenants/status'], verbs: ['*'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'strangers' };
  const subjects = groups.map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name }));
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { name: 'strangers' }, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'strangers' }, roleRef, subjects },
  ];
}
