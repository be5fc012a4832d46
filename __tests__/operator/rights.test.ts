import { until } from '../until';
import { type AccessRequest, accessRequests, notGranted, operatorGrants, redundant } from './api-rights';
import { MANIFESTS } from './bare-cluster';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

const GRANTS = operatorGrants(MANIFESTS);

/**
 * Granted and not used yet: for reads from watches of all that the operator makes, and for repair by replacement. What uses one of them
 * takes it out of this list: the test fails for one that is used and stands here too.
 */
const NOT_USED_YET: readonly string[] = [
  'tenantry-operator: update namespaces',
  'tenantry-operator: watch serviceaccounts',
  'tenantry-operator: list rbac.authorization.k8s.io/rolebindings',
  'tenantry-operator: watch rbac.authorization.k8s.io/rolebindings',
  'tenantry-operator: update rbac.authorization.k8s.io/rolebindings tenantry-operator',
  'tenantry-operator: delete rbac.authorization.k8s.io/rolebindings tenantry-operator',
  ...[
    'serviceaccounts',
    'services',
    'apps/deployments',
    'networking.k8s.io/ingresses',
    'networking.k8s.io/networkpolicies',
  ].flatMap((kind) => ['get', 'update'].map((verb) => `tenantry-operator-in-tenant: ${verb} ${kind}`)),
];

describe('what an operator does with its rights', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    await lab.apply(tenantObject('acme'));
    await lab.untilReady('acme');
  });
  afterAll(() => lab?.remove());

  const unused = () => redundant(GRANTS, [...lab.kubernetes.accesses.values()]);
  const patch = async (path: string, body: object) =>
    expect((await lab.api.request('PATCH', path, body)).status).toBe(200);
  /** Has the tenant looked at now: a Secret and an account are not watched, and the timer is slow. */
  const nudge = (ring: string) => lab.change('acme', { ring });

  test('takes each of them, and none that it has not got, in the life of a tenant that people meddle with', async () => {
    const core = '/api/v1/namespaces/tenant-acme';
    const networking = '/apis/networking.k8s.io/v1/namespaces/tenant-acme';
    const foreign = { metadata: { labels: { 'tenantry.dev/tenant': 'somebody' } } };
    for (const path of [
      `${core}/serviceaccounts/api`,
      `${core}/services/api`,
      '/apis/apps/v1/namespaces/tenant-acme/deployments/api',
      `${networking}/ingresses/tenant`,
      `${networking}/networkpolicies/tenant`,
      '/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-acme/rolebindings/tenantry-operator',
      `${core}/secrets/database`,
    ])
      await patch(path, foreign);
    await patch(core, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } });
    await nudge('one');
    // What has the operator's label and is not asked for is what an earlier version of it made.
    const { body: policy } = await lab.api.request('GET', `${networking}/networkpolicies/tenant`);
    const labels = { 'app.kubernetes.io/managed-by': 'tenantry-operator', 'tenantry.dev/tenant': 'acme' };
    const stray = { ...policy, metadata: { name: 'stray', namespace: 'tenant-acme', labels } };
    expect((await lab.api.create(stray)).status).toBe(201);
    await lab.change('acme', { services: [service('web')] });
    await lab.untilReady('acme');
    await lab.change('acme', { decommission: true });
    await lab.untilReason('acme', 'Decommissioned');
    await lab.delete('acme');
    await lab.untilGone('acme');

    await until('it has used all of them', () => unused().every((right) => NOT_USED_YET.includes(right)), 30).catch(
      () => undefined,
    );
    expect(unused().sort()).toEqual([...NOT_USED_YET].sort());
    expect(notGranted(GRANTS, [...lab.kubernetes.accesses.values()])).toEqual([]);
  });

  test('would be noticed if it had one more, of any kind and however it is said', async () => {
    const requests = [...lab.kubernetes.accesses.values()];
    const more = (name: string, rule: object) =>
      operatorGrants(
        MANIFESTS.map((object) =>
          object.metadata.name === name && 'rules' in object
            ? { ...object, rules: [...(object.rules as object[]), rule] }
            : object,
        ),
      );
    const found = (name: string, rule: object) =>
      redundant(more(name, rule), requests).filter((right) => !NOT_USED_YET.includes(right));

    expect(found('tenantry-operator', { apiGroups: [''], resources: ['secrets'], verbs: ['list'] })).toEqual([
      'tenantry-operator: list secrets',
    ]);
    expect(
      found('tenantry-operator-in-tenant', {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['database'],
        verbs: ['delete'],
      }),
    ).toEqual(['tenantry-operator-in-tenant: delete secrets database']);
    // The same again where it is granted everywhere already, and without the name: neither of the two alone is needed.
    const again = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] };
    expect(found('tenantry-operator-in-tenant', again)).toContain('tenantry-operator-in-tenant: list apps/deployments');
    const anySecret = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
    expect(found('tenantry-operator-in-tenant', anySecret)).toContain('tenantry-operator-in-tenant: get secrets');
  });
});

describe('what RBAC is asked for a request', () => {
  const tenants = '/apis/tenantry.dev/v1/tenants';
  const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-a/rolebindings';
  test.each<[string, string, number, string, readonly AccessRequest[]]>([
    ['GET', tenants, 200, '', [{ verb: 'list', resource: 'tenantry.dev/tenants' }]],
    ['GET', `${tenants}?watch=true`, 200, '', [{ verb: 'watch', resource: 'tenantry.dev/tenants' }]],
    ['PATCH', `${tenants}/a/status`, 200, '', [{ verb: 'patch', resource: 'tenantry.dev/tenants/status', name: 'a' }]],
    ['GET', '/api/v1/namespaces/tenant-a', 404, '', [{ verb: 'get', resource: 'namespaces', name: 'tenant-a' }]],
    [
      'DELETE',
      '/api/v1/namespaces/tenant-a/services/web',
      200,
      '',
      [{ verb: 'delete', resource: 'services', namespace: 'tenant-a', name: 'web' }],
    ],
    ['GET', '/api/v1/namespaces/tenant-a/secrets/database', 403, '', []],
    ['GET', '/apis', 200, '', []],
    [
      'PATCH',
      `${bindings}/x`,
      201,
      '{"roleRef":{"name":"r"}}',
      [
        { verb: 'patch', resource: 'rbac.authorization.k8s.io/rolebindings', namespace: 'tenant-a', name: 'x' },
        { verb: 'create', resource: 'rbac.authorization.k8s.io/rolebindings', namespace: 'tenant-a' },
        { verb: 'bind', resource: 'rbac.authorization.k8s.io/clusterroles', name: 'r' },
      ],
    ],
  ])('%s %s, answered by %s', (method, url, status, body, asked) => {
    expect(accessRequests(method, url, status, body)).toEqual(asked);
  });
});
