import { until } from '../until';
import { type AccessRequest, accessRequests, notGranted, operatorGrants, redundant } from './api-rights';
import { MANIFESTS } from './bare-cluster';
import { installExternalSecrets } from './external-secrets';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

const GRANTS = operatorGrants(MANIFESTS);

describe('what an operator does with its rights', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await installExternalSecrets(lab);
    await lab.start();
    const job = service('job', 1, { port: 0, path: '', healthPath: '', replicas: 0, schedule: '0 3 * * *' });
    await lab.apply(
      tenantObject('acme', {
        secretStore: { kind: 'ClusterSecretStore', name: 'aws', refreshSeconds: 600 },
        egress: ['internet'],
        quota: { cpu: '4', memory: '8Gi', pods: 40 },
        services: [
          service('api', 1, { migrate: ['migrate'], maxReplicas: 2, secretPath: 'acme/api' }),
          service('web'),
          job,
        ],
      }),
    );
    await lab.untilReady('acme');
  });
  afterAll(() => lab?.remove());

  const unused = () => redundant(GRANTS, [...lab.kubernetes.accesses.values()]);
  const send = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
    const { status, body: answer } = await lab.api.request(method, path, body);
    expect({ method, path, status, message: answer.message }).toMatchObject({ status: method === 'POST' ? 201 : 200 });
  };
  const core = '/api/v1/namespaces/tenant-acme';
  const networking = '/apis/networking.k8s.io/v1/namespaces/tenant-acme';
  const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/tenant-acme/rolebindings';
  const OBJECTS = [
    core,
    `${bindings}/tenantry-operator`,
    '/apis/external-secrets.io/v1/namespaces/tenant-acme/externalsecrets/api',
    `${core}/serviceaccounts/api`,
    `${core}/services/api`,
    '/apis/apps/v1/namespaces/tenant-acme/deployments/api',
    '/apis/batch/v1/namespaces/tenant-acme/cronjobs/job',
    '/apis/policy/v1/namespaces/tenant-acme/poddisruptionbudgets/api',
    '/apis/autoscaling/v2/namespaces/tenant-acme/horizontalpodautoscalers/api',
    `${networking}/ingresses/tenant`,
    `${networking}/networkpolicies/tenant`,
    `${networking}/networkpolicies/egress`,
    `${core}/resourcequotas/tenant`,
    `${core}/limitranges/tenant`,
  ];

  test('takes each of them, and none that it has not got, in the life of a tenant that people meddle with', async () => {
    // What others added is replaced; where somebody is quicker once, it looks again.
    const conflict = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 409,
      reason: 'Conflict',
      message: '',
    };
    const left = new Set(OBJECTS);
    lab.writes.intercept(({ what }) => {
      const path = OBJECTS.find((one) => what.startsWith(`PATCH ${one}?`));
      return path !== undefined && left.delete(path) ? { status: 409, body: conflict } : 'pass';
    });
    const label = 'tenantry.dev/by-hand';
    for (const path of OBJECTS) await send('PATCH', path, { metadata: { labels: { [label]: 'x' } } });
    for (const path of OBJECTS)
      await until(`${path} is as before`, async () => {
        return !(label in (await lab.api.request('GET', path)).body.metadata.labels);
      });
    expect([...left]).toEqual([]);
    lab.writes.reset();
    await send('PATCH', `${core}/secrets/tenantry-credentials`, {
      metadata: { labels: { 'tenantry.dev/tenant': 'x' } },
    });

    // A role that somebody else bound can't be changed, only bound anew.
    const { body: binding } = await lab.api.request('GET', `${bindings}/tenantry-operator`);
    const { name, namespace, labels } = binding.metadata;
    lab.kill();
    await send('DELETE', `${bindings}/tenantry-operator`);
    const roleRef = { ...binding.roleRef, name: 'view' };
    await send('POST', bindings, { ...binding, roleRef, metadata: { name, namespace, labels } });
    // The Secret of an operator before this one: looked for when there is no other.
    await send('DELETE', `${core}/secrets/tenantry-credentials`);
    await lab.start();
    const { message } = await lab.untilReason('acme', 'CredentialsMissing');
    expect(message).toContain('tenantry-credentials');
    const stringData = { username: 'tenant_acme', password: 'chosen by a person' };
    await send('POST', `${core}/secrets`, { metadata: { name: 'tenantry-credentials' }, stringData });
    await lab.untilReady('acme');

    // What has the operator's label and is not asked for is what an earlier version of it made.
    const { body: policy } = await lab.api.request('GET', `${networking}/networkpolicies/tenant`);
    const stray = { ...policy, metadata: { name: 'stray', namespace, labels } };
    await send('POST', `${networking}/networkpolicies`, stray);
    await lab.change('acme', { services: [service('web')], egress: [], quota: { cpu: '', memory: '', pods: 0 } });
    await lab.untilReady('acme');
    await lab.change('acme', { decommission: true });
    await lab.untilReason('acme', 'Decommissioned');
    await lab.delete('acme');
    await lab.untilClearedAway('acme');

    await until('it has used all of them', () => unused().length === 0, 30).catch(() => undefined);
    expect(unused()).toEqual([]);
    expect(notGranted(GRANTS, [...lab.kubernetes.accesses.values()])).toEqual([]);
  });

  test('are asked for by name where an operator that is newer has those of an older one, and every other tenant is looked after', async () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/tenantry-operator';
    const { rules } = (await lab.api.request('GET', path)).body as unknown as { rules: { resources: string[] }[] };
    lab.kill();
    await send('PATCH', path, { rules: rules.filter(({ resources }) => !resources.includes('limitranges')) });
    await lab.start();
    const services = [service('web')];
    await lab.apply(tenantObject('globex', { services }));
    await lab.untilReady('globex');
    const quota = { cpu: '4', memory: '8Gi', pods: 40 };
    await lab.apply(tenantObject('initech', { services, quota }));
    await lab.change('globex', { quota });
    for (const name of ['initech', 'globex']) {
      const { message } = await lab.untilReason(name, 'WallMissing');
      expect(message).toContain('cannot list resource "limitranges" in API group "" at the cluster scope');
      expect(message).toContain('cannot list resource "resourcequotas"');
      expect(message).toContain('npx cdktf deploy operator');
    }
    const deployments = '/apis/apps/v1/namespaces/tenant-initech/deployments';
    expect((await lab.api.request('GET', deployments)).body.items).toEqual([]);

    await send('PATCH', path, { rules });
    await lab.untilReady('globex', 'initech');
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
    const found = (name: string, rule: object) => redundant(more(name, rule), requests);

    expect(found('tenantry-operator', { apiGroups: [''], resources: ['nodes'], verbs: ['list'] })).toEqual([
      'tenantry-operator: list nodes',
    ]);
    expect(
      found('tenantry-operator-in-tenant', {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['database'],
        verbs: ['patch'],
      }),
    ).toEqual(['tenantry-operator-in-tenant: patch secrets database']);
    // The same again where it is granted everywhere already, and without the name: neither of the two alone is needed.
    const everySecret = { apiGroups: [''], resources: ['secrets'], verbs: ['list'] };
    expect(found('tenantry-operator', everySecret)).toEqual([
      'tenantry-operator: list secrets tenantry-credentials',
      'tenantry-operator: list secrets',
    ]);
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
    [
      'GET',
      '/api/v1/secrets?fieldSelector=metadata.name%3Ddatabase&watch=1',
      200,
      '',
      [{ verb: 'watch', resource: 'secrets', name: 'database' }],
    ],
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
