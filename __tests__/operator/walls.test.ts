import type { TenantSpec } from '../../lib/tenant/spec';
import { until } from '../until';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

const ROOMY = { cpu: '4', memory: '8Gi', pods: 40 };
const NO_QUOTA = { cpu: '', memory: '', pods: 0 };
/** What the API server has to say about ranges that are none: two families, parts, edges. */
const ENTRIES = [
  'internet',
  'not 203.1.113.0/24',
  '10.0.0.0/8',
  'not 10.20.0.0/16',
  '10.30.0.5/32:6379',
  '0.0.0.0/0:65535',
  'fd00::/8:1',
  '169.254.170.23/32:80',
  'not 2a05:d014::/32',
  'monitoring',
];

describe('the walls around a tenant', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
  });
  afterAll(() => lab?.remove());

  const walls = (name: string) => ({
    egress: `/apis/networking.k8s.io/v1/namespaces/tenant-${name}/networkpolicies/egress`,
    limits: `/api/v1/namespaces/tenant-${name}/limitranges/tenant`,
    quota: `/api/v1/namespaces/tenant-${name}/resourcequotas/tenant`,
  });
  const live = async (path: string) => lab.api.request('GET', path);
  const statuses = async (name: string) =>
    Promise.all(Object.values(walls(name)).map(async (path) => (await live(path)).status));
  const deploy = async (name: string, changes: Partial<TenantSpec>) => {
    await lab.apply(tenantObject(name, changes));
    await lab.untilReady(name);
  };
  const pod = (name: string, resources: object = {}) => ({
    metadata: { name },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image: 'example.com/main',
          resources,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });

  test('are there with a tenant that says them, as the API server takes them, and go with the keys', async () => {
    await deploy('acme', { egress: ENTRIES, quota: ROOMY });
    expect(await statuses('acme')).toEqual([200, 200, 200]);
    const { body: policy } = await live(walls('acme').egress);
    const port = Number(new URL(lab.databaseUrl()).port);
    expect(policy.spec.egress.flatMap(({ ports = [] }) => ports)).toContainEqual({ protocol: 'TCP', port });
    expect(policy.spec.policyTypes).toEqual(['Egress']);
    expect((await live(walls('acme').quota)).body.spec.hard).toEqual({
      'requests.cpu': '4',
      'limits.memory': '8Gi',
      pods: '40',
    });

    await deploy('acme', { egress: [], quota: NO_QUOTA });
    await until('they are gone', async () => (await statuses('acme')).every((status) => status === 404));
    expect((await live(walls('acme').egress.replace(/egress$/, 'tenant'))).status).toBe(200);
  });

  test('are put back when somebody edits or deletes them, a quota of another scope too', async () => {
    await deploy('globex', { egress: ['internet'], quota: ROOMY });
    const loose = {
      egress: { spec: { egress: [{}] } },
      limits: { spec: { limits: [{ type: 'Container', max: { cpu: '64' } }] } },
      quota: { spec: { hard: { pods: '9999' } } },
    };
    for (const [what, path] of Object.entries(walls('globex'))) {
      const { body: before } = await live(path);
      const isBack = async () => {
        const { body } = await live(path);
        return JSON.stringify(body.spec) === JSON.stringify(before.spec);
      };
      const { status } = await lab.api.request('PATCH', path, loose[what as keyof typeof loose]);
      expect(status).toBe(200);
      await until(`${what} is as before`, isBack);
      expect((await lab.api.request('DELETE', path)).status).toBe(200);
      await until(`${what} is there again`, isBack);
    }

    const { quota } = walls('globex');
    const { body } = await live(quota);
    lab.kill();
    expect((await lab.api.request('DELETE', quota)).status).toBe(200);
    const { name, labels } = body.metadata;
    const other = { metadata: { name, labels }, spec: { ...body.spec, scopes: ['NotTerminating'] } };
    expect((await lab.api.request('POST', quota.replace(/\/tenant$/, ''), other)).status).toBe(201);
    await lab.start();
    await until('it has no scope', async () => {
      const { status, body: now } = await live(quota);
      return status === 200 && now.spec.scopes === undefined;
    });
    await lab.untilReady('globex');
  });

  test('refuse a pod that a tenant has no more room for, and its status says so, and what to do', async () => {
    await deploy('initech', { services: [service('api', 1, { replicas: 2 })], quota: { ...NO_QUOTA, pods: 3 } });
    await lab.change('initech', { services: [service('api', 1, { replicas: 5 })] });
    const { message } = await lab.untilReason('initech', 'RolloutInProgress');
    const told = await until('it is told', async () => {
      const condition = await lab.condition('initech', 'Ready');
      return condition?.message.includes('quota') ? condition.message : undefined;
    });
    expect(message).toContain('api: ');
    expect(told).toContain('exceeded quota: tenant, requested: pods=1, used: pods=3, limited: pods=3');
    expect(told).toContain(
      'The quota of the tenant is used up: say more in "quota" of its file, its plan or the platform file',
    );

    await lab.change('initech', { quota: { ...NO_QUOTA, pods: 10 } });
    await lab.untilReady('initech');
  });

  test('let a whole rollout pass in a quota that is just large enough', async () => {
    const quota = { cpu: '250m', memory: '2560Mi', pods: 5 };
    await deploy('hooli', { services: [service('api', 1, { replicas: 4 })], quota });
    await deploy('hooli', { services: [service('api', 2, { replicas: 4 })], quota });
  });

  test('give a container something to count by that says nothing, and refuse one that is too large', async () => {
    await deploy('umbrella', { services: [service('api')], quota: { cpu: '1', memory: '2Gi', pods: 9 } });
    const pods = '/api/v1/namespaces/tenant-umbrella/pods';
    const made = await lab.api.request('POST', pods, pod('says-nothing'));
    expect(made.status).toBe(201);
    expect(made.body.spec.containers[0].resources).toEqual({
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    });
    const large = await lab.api.request('POST', pods, pod('large', { limits: { memory: '2Gi' } }));
    expect(large).toMatchObject({ status: 403, body: { message: expect.stringContaining('exceeded quota: tenant') } });
  });

  test('are taken by the API server also where a range is named by an address in its middle', async () => {
    await deploy('soylent', { egress: ['10.0.0.1/8:443'] });
    const { body } = await live(walls('soylent').egress);
    expect(body.spec.egress.at(-1).to).toEqual([{ ipBlock: { cidr: '10.0.0.0/8' } }]);
  });
});
