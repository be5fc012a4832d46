import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import { until } from '../until';
import { Lab } from './lab';

const NAMESPACES = '/api/v1/namespaces';
const TENANT = 'tenantry.dev/tenant';
const POD_SECURITY = 'pod-security.kubernetes.io/enforce';
const OF_A_TENANT = { [TENANT]: 'acme', [POD_SECURITY]: 'restricted' };

/** What somebody could do who got hold of the operator's token: what its rights allow, and the policy on namespaces does not. */
describe("the operator's identity", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.api.create(namespace('tenant-acme', OF_A_TENANT));
    // A name that only looks like a tenant's.
    await lab.api.create(namespace('tenant-portal', {}));
    await lab.api.create(namespace('billing', {}));
    await until(
      'the policy holds',
      async () => (await tries('POST', NAMESPACES, namespace('probe', {}))).status === 403,
    );
  });
  afterAll(() => lab?.remove());

  const tries = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
    const { status, body: answer } = await lab.api.request(method, path, body, 'operator');
    return { status, message: answer.message as string };
  };
  const bindings = (name: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}/rolebindings`;

  test('makes a namespace for a tenant and gives itself access to it, to its Secrets too', async () => {
    expect(await tries('POST', NAMESPACES, namespace('tenant-new', OF_A_TENANT))).toMatchObject({ status: 201 });
    expect(await tries('POST', bindings('tenant-new'), binding('tenant-new'))).toMatchObject({ status: 201 });
    const secret = `${NAMESPACES}/tenant-new/secrets/tenantry-credentials`;
    await until('it may read', async () => (await tries('GET', secret)).status === 404);
    // Those that a service names, each by its name; the names and values of all others stay unknown.
    expect(await tries('GET', `${NAMESPACES}/tenant-new/secrets/stripe`)).toMatchObject({ status: 404 });
    for (const list of [
      `${NAMESPACES}/tenant-new/secrets`,
      `${NAMESPACES}/tenant-new/secrets?watch=1`,
      '/api/v1/secrets',
    ])
      expect(await tries('GET', list)).toMatchObject({ status: 403 });
    for (const method of ['PATCH', 'DELETE'] as const)
      expect(await tries(method, `${NAMESPACES}/tenant-new/secrets/stripe`, {})).toMatchObject({ status: 403 });
    const own = { annotations: { 'tenantry.dev/a': 'b' }, labels: { 'tenantry.dev/a': 'b' } };
    expect(await tries('PATCH', `${NAMESPACES}/tenant-new`, { metadata: own })).toMatchObject({ status: 200 });
    expect(await tries('DELETE', `${NAMESPACES}/tenant-new`)).toMatchObject({ status: 200 });
  });

  test.each(['tenant-portal', 'billing', 'kube-system', 'tenantry-system'])(
    'neither changes nor deletes a namespace that is no tenant’s, nor gives itself access to it: %s',
    async (name) => {
      const taken = { metadata: { labels: OF_A_TENANT } };
      expect(await tries('PATCH', `${NAMESPACES}/${name}`, taken)).toMatchObject({ status: 403 });
      expect(await tries('DELETE', `${NAMESPACES}/${name}`)).toMatchObject({ status: 403 });
      expect(await tries('POST', bindings(name), binding(name))).toMatchObject({
        status: 403,
        message: expect.stringContaining(
          name === 'tenant-portal' ? 'has no label tenantry.dev/tenant' : 'the operator has no business',
        ),
      });
      expect(await tries('GET', `${NAMESPACES}/${name}/secrets/tenantry-credentials`)).toMatchObject({ status: 403 });
    },
  );

  test.each([
    ['no pod security', { [TENANT]: 'new' }],
    ['pods that may do anything', { ...OF_A_TENANT, [POD_SECURITY]: 'privileged' }],
    ['the pod security of long ago', { ...OF_A_TENANT, [`${POD_SECURITY}-version`]: 'v1.19' }],
  ])('makes no namespace with %s, and has none become one', async (_, labels) => {
    const message = expect.stringContaining('must have the label pod-security.kubernetes.io/enforce: restricted');
    expect(await tries('POST', NAMESPACES, namespace('tenant-new', labels))).toMatchObject({ status: 403, message });
    const changed = { metadata: { labels: { [POD_SECURITY]: null, ...labels } } }; // null takes a label away
    expect(await tries('PATCH', `${NAMESPACES}/tenant-acme`, changed)).toMatchObject({ status: 403, message });
  });

  test('leaves labels and annotations of a namespace alone that are others’, and takes back an old version of pod security', async () => {
    const path = `${NAMESPACES}/tenant-acme`;
    const theirs = {
      labels: { team: 'blue', [`${POD_SECURITY}-version`]: 'v1.19' },
      annotations: { 'scheduler.alpha.kubernetes.io/node-selector': 'pool=blue' },
    };
    expect((await lab.api.request('PATCH', path, { metadata: theirs })).status).toBe(200);
    const latest = { metadata: { labels: { [`${POD_SECURITY}-version`]: 'latest' } } };
    expect(await tries('PATCH', path, latest)).toMatchObject({ status: 200 });
    const none = { metadata: { labels: { [`${POD_SECURITY}-version`]: null } } };
    expect(await tries('PATCH', path, none)).toMatchObject({ status: 200 });

    for (const what of ['labels', 'annotations'] as const) {
      const message = expect.stringContaining(`may change no ${what.slice(0, -1)} of the namespace tenant-acme`);
      const [key] = Object.keys(theirs[what]) as [string];
      for (const change of [{ [key]: 'other' }, { [key]: null }, { 'istio-injection': 'enabled' }])
        expect(await tries('PATCH', path, { metadata: { [what]: change } })).toMatchObject({ status: 403, message });
    }
  });

  test('gives itself no other role, in a tenant’s namespace neither', async () => {
    const { metadata, subjects } = binding('tenant-acme');
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
    const body = { metadata, subjects, roleRef };
    expect(await tries('POST', bindings('tenant-acme'), body)).toMatchObject({ status: 403 });
  });
});

function namespace(name: string, labels: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } as KubernetesObject;
}

/** The one that lets the operator into a namespace. */
function binding(namespace: string) {
  return {
    metadata: { name: 'tenantry-operator', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tenantry-operator-in-tenant' },
    subjects: [{ kind: 'ServiceAccount', name: 'tenantry-operator', namespace: 'tenantry-system' }],
  };
}
