import { execFileSync } from 'node:child_process';
import { findExecutable } from '../../local/programs/executable';
import { until } from '../until';
import { Lab } from './lab';
import { commit, image, service, tenantObject } from './tenant-object';

describe('a Tenant', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    await lab.apply(tenantObject('acme'));
    await lab.apply(tenantObject('other'));
    await lab.untilReady('acme', 'other');
  });
  afterAll(() => lab?.remove());

  const get = async (path: string) => (await lab.api.request('GET', path)).body;
  const deployment = (name: string, tenant = 'acme') =>
    get(`/apis/apps/v1/namespaces/tenant-${tenant}/deployments/${name}`);
  const secretOf = async (tenant: string) => {
    const { data } = await get(`/api/v1/namespaces/tenant-${tenant}/secrets/tenantry-credentials`);
    const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]);
    return Object.fromEntries(decoded) as { username: string; password: string };
  };

  test('becomes a namespace that takes no pod but restricted ones', async () => {
    const { metadata } = await get('/api/v1/namespaces/tenant-acme');
    expect(metadata.labels).toMatchObject({
      'tenantry.dev/tenant': 'acme',
      'app.kubernetes.io/managed-by': 'tenantry-operator',
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  test('becomes pods on exactly the pinned digests, which say which commit and release they are', async () => {
    for (const name of ['api', 'web']) {
      const { items } = await get(`/api/v1/namespaces/tenant-acme/pods?labelSelector=app.kubernetes.io/name=${name}`);
      expect(items).toHaveLength(1);
      const [{ metadata, spec }] = items;
      expect(spec.containers.map((container: { image: string }) => container.image)).toEqual([image(name, 1)]);
      expect(metadata.labels).toMatchObject({ 'git.sha': commit(1), 'tenantry.dev/release': 'releases-0.0.2' });
      expect(spec).toMatchObject({ serviceAccountName: name, automountServiceAccountToken: false });
    }
  });

  test('becomes pods that are run as it says, in the words of the API server', async () => {
    const told = service('api', 1, {
      resources: { cpu: '0.05', memory: '1024Mi', memoryLimit: '2Gi' },
      startupSeconds: 60,
      stopSeconds: 10,
      command: ['node'],
      args: ['server.js', '$(LOG_LEVEL)'],
      env: [
        { name: 'EMPTY', value: '' },
        { name: 'LOG_LEVEL', value: 'info' },
      ],
    });
    await lab.apply(tenantObject('told', { services: [told] }));
    await lab.untilReady('told');
    const { metadata, spec } = await deployment('api', 'told');
    const pod = spec.template.spec;
    expect(pod.terminationGracePeriodSeconds).toBe(15);
    expect(pod.containers[0]).toMatchObject({
      command: ['node'],
      args: ['server.js', '$(LOG_LEVEL)'],
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      resources: { requests: { cpu: '50m', memory: '1Gi' }, limits: { memory: '2Gi' } },
      startupProbe: { failureThreshold: 30 },
    });
    expect(pod.containers[0].env.slice(-2)).toEqual([{ name: 'EMPTY' }, { name: 'LOG_LEVEL', value: 'info' }]);
    // What it wrote another way is no difference: the Deployment was written once, and its replicas are the controller's.
    expect(metadata.generation).toBe(1);
  });

  test('becomes a database that its own credentials open, and those of no other tenant', async () => {
    const [acme, other] = [await secretOf('acme'), await secretOf('other')];
    expect(acme.username).toBe('tenant_acme');
    expect(await lab.logsIn(acme.username, acme.password, 'tenant_acme')).toBe(true);
    expect(await lab.logsIn(other.username, other.password, 'tenant_other')).toBe(true);
    expect(await lab.logsIn(other.username, other.password, 'tenant_acme')).toBe(false);
    expect(await lab.logsIn(acme.username, other.password, 'tenant_acme')).toBe(false);
    const [role] = await lab.query(
      "SELECT rolsuper, rolcreaterole, rolcreatedb, rolpassword LIKE 'SCRAM-SHA-256$%' AS scram FROM pg_authid WHERE rolname = 'tenant_acme'",
    );
    expect(role).toEqual({ rolsuper: false, rolcreaterole: false, rolcreatedb: false, scram: true });
  });

  test('becomes an Ingress with the path of every service, and a policy that keeps other tenants out', async () => {
    const { spec } = await get('/apis/networking.k8s.io/v1/namespaces/tenant-acme/ingresses/tenant');
    const [{ host, http }] = spec.rules;
    expect(host).toBe('acme.example.com');
    expect(
      http.paths.map(({ path, backend }: { path: string; backend: { service: { name: string } } }) => [
        path,
        backend.service.name,
      ]),
    ).toEqual([
      ['/api', 'api'],
      ['/web', 'web'],
    ]);
    const policy = await get('/apis/networking.k8s.io/v1/namespaces/tenant-acme/networkpolicies/tenant');
    expect(policy.spec).toMatchObject({ podSelector: {}, policyTypes: ['Ingress'] });
  });

  test('says in its status what every service runs, in conditions as kstatus reads them', async () => {
    const { status, metadata } = (await lab.tenant('acme')) ?? {};
    expect(status?.observedGeneration).toBe(metadata?.generation);
    expect(Object.fromEntries(status?.conditions.map(({ type, status }) => [type, status]) ?? [])).toEqual({
      Ready: 'True',
      DatabaseReady: 'True',
      ServicesReady: 'True',
      Stalled: 'False',
    });
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(status?.template).toMatch(/^[0-9a-f]{16}$/);
    expect(status?.services).toEqual([
      {
        name: 'api',
        image: image('api', 1),
        commit: commit(1),
        release: 'releases/0.0.2',
        since,
        readyReplicas: 1,
        replicas: 1,
      },
      {
        name: 'web',
        image: image('web', 1),
        commit: commit(1),
        release: 'releases/0.0.2',
        since,
        readyReplicas: 1,
        replicas: 1,
      },
    ]);
  });

  test('reads well in kubectl get', async () => {
    const { columnDefinitions, rows } = await lab.api.table('/apis/tenantry.dev/v1/tenants');
    const shown = columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name);
    expect(shown).toEqual(['Name', 'Ring', 'Release', 'Ready', 'Reason', 'Host', 'Age']);
    expect(rows[0]?.cells.slice(0, 6)).toEqual([
      'acme',
      'general',
      'releases/0.0.2',
      'True',
      'Ready',
      'acme.example.com',
    ]);
  });

  test('is told of in the log as it comes up, and needs no Event: its status says all', async () => {
    const about = lab
      .output()
      .split('\n')
      .filter((line) => line.includes('"tenant": "acme"'))
      .map((line) => JSON.parse(line).message as string);
    expect(about).toEqual([
      'made the Secret for its database',
      'made the database tenant_acme',
      'Ready: every service runs its pinned image and is available',
    ]);
    expect(lab.writes.events()).toEqual([]);
  });

  test('shows no password anywhere but in its Secret: not in the log, the metrics, a status, an Event or a statement', async () => {
    const { password } = await secretOf('acme');
    const everything = [
      lab.output(),
      await (await fetch(lab.metrics)).text(),
      JSON.stringify(await lab.tenants()),
      JSON.stringify(await deployment('api')),
      JSON.stringify((await get('/api/v1/events')).items),
      JSON.stringify(lab.writes.list()),
    ];
    expect(everything.join('\n')).toContain('acme');
    for (const text of everything) expect(text).not.toContain(password);
    expect(lab.output()).not.toContain(new URL(lab.record.postgres.operator).password);
  });

  test('is counted in the metrics, and the operator answers its probe', async () => {
    expect(await lab.metric('tenantry_tenants', { ready: 'True' })).toBe(3);
    expect(await lab.metric('tenantry_reconcile_seconds_count')).toBeGreaterThan(0);
    expect((await fetch(lab.health)).status).toBe(200);
  });

  test('keeps the old image in its status until every pod runs the new one', async () => {
    const seen: string[] = [];
    await lab.change('acme', { services: [service('api', 7, { replicas: 3 }), service('web')] });
    await until('api runs its new image', async () => {
      const { status, metadata } = (await lab.tenant('acme')) ?? {};
      const api = status?.services?.find(({ name }) => name === 'api');
      const ready = status?.conditions.find(({ type }) => type === 'Ready')?.status === 'True';
      seen.push(api?.image ?? 'none');
      return ready && status?.observedGeneration === metadata?.generation && api?.image === image('api', 7);
    });
    expect(new Set(seen)).toEqual(new Set([image('api', 1), image('api', 7)]));
    const { status } = await deployment('api');
    expect(status).toMatchObject({ updatedReplicas: 3, availableReplicas: 3, replicas: 3 });
  });

  test('loses a service with all that belonged to it, and nothing that somebody else made', async () => {
    const foreign = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'notes', namespace: 'tenant-acme' } };
    const service8 = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'theirs', namespace: 'tenant-acme' } };
    expect((await lab.api.create({ ...foreign, data: { kept: 'yes' } })).status).toBe(201);
    expect((await lab.api.create({ ...service8, spec: { ports: [{ port: 80 }] } })).status).toBe(201);
    const policy = await get('/apis/networking.k8s.io/v1/namespaces/tenant-acme/networkpolicies/tenant');
    const { name: _, ...metadata } = { ...policy.metadata, resourceVersion: undefined, uid: undefined };
    await lab.api.create({ ...policy, metadata: { ...metadata, name: 'stray' } });
    await lab.change('acme', { services: [service('api', 7, { replicas: 3 })] });
    await until('web is gone', async () => (await deployment('web')).code === 404);
    await lab.untilReady('acme');

    const names = async (path: string) =>
      (await get(path)).items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    expect(await names('/api/v1/namespaces/tenant-acme/services')).toEqual(['api', 'theirs']);
    expect(await names('/api/v1/namespaces/tenant-acme/serviceaccounts')).toEqual(['api', 'default']);
    expect(await names('/api/v1/namespaces/tenant-acme/configmaps')).toContain('notes');
    // What has the operator's label and is not asked for is what an earlier version of it made.
    expect(await names('/apis/networking.k8s.io/v1/namespaces/tenant-acme/networkpolicies')).toEqual(['tenant']);
    const { spec } = await get('/apis/networking.k8s.io/v1/namespaces/tenant-acme/ingresses/tenant');
    expect(spec.rules[0].http.paths).toHaveLength(1);
  });

  test('has no probes and no path where a service answers no HTTP', async () => {
    const { path: _, healthPath: __, ...worker } = service('worker');
    await lab.change('acme', { services: [service('api', 7), worker] });
    await lab.untilReady('acme');
    const [container] = (await deployment('worker')).spec.template.spec.containers;
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(container).not.toHaveProperty(probe);
    expect((await deployment('api')).spec.template.spec.containers[0].readinessProbe.httpGet.path).toBe(
      '/api/v1/health',
    );
  });

  test('has nothing that leads to a service that listens on no port any more, and it again when there is one', async () => {
    const leading = async () => (await get('/api/v1/namespaces/tenant-acme/services/worker')).kind === 'Service';
    const worker = service('worker', 1, { port: 0, path: '', healthPath: '' });
    await lab.change('acme', { services: [service('api', 7), worker] });
    await until('its Service is gone', async () => !(await leading()));
    await lab.untilReady('acme');
    expect((await deployment('worker')).spec.template.spec.containers[0]).not.toHaveProperty('ports');
    await lab.change('acme', { services: [service('api', 7), { ...worker, port: 8080 }] });
    await until('its Service is there', leading);
    await lab.untilReady('acme');
  });

  test('loses its probes when its health path goes, though nobody asked for anything in their place', async () => {
    const { healthPath: _, ...api } = service('api', 7);
    await lab.change('acme', { services: [api] });
    await until('the probe is gone', async () => {
      const [container] = (await deployment('api')).spec.template.spec.containers;
      return !('readinessProbe' in container);
    });
  });

  test('that is suspended stops, keeps its host and its data, and comes back', async () => {
    await lab.change('acme', { suspend: true });
    await lab.untilReason('acme', 'Suspended');
    expect((await deployment('api')).spec.replicas).toBe(0);
    expect((await get('/apis/networking.k8s.io/v1/namespaces/tenant-acme/ingresses/tenant')).kind).toBe('Ingress');
    expect((await lab.tenant('acme'))?.status).toMatchObject({ host: 'acme.example.com', database: 'tenant_acme' });
    await lab.change('acme', { suspend: false });
    await lab.untilReason('acme', 'Ready');
    expect((await deployment('api')).spec.replicas).toBe(1);
  });

  test('that is decommissioned stops, answers nowhere, and keeps its data', async () => {
    const before = await secretOf('acme');
    await lab.change('acme', { decommission: true });
    await lab.untilReason('acme', 'Decommissioned');

    expect((await deployment('api')).spec.replicas).toBe(0);
    expect((await get('/apis/networking.k8s.io/v1/namespaces/tenant-acme/ingresses/tenant')).code).toBe(404);
    expect(await lab.logsIn(before.username, before.password, 'tenant_acme')).toBe(true);
    expect((await lab.tenant('acme'))?.status).not.toHaveProperty('host');
  });

  test('that others broke is put right, also where it can only be replaced or made anew', async () => {
    const inNamespace = (group: string, rest: string) => `/${group}/namespaces/tenant-other/${rest}`;
    const broken: Readonly<Record<string, object>> = {
      '/api/v1/namespaces/tenant-other': { labels: { 'pod-security.kubernetes.io/warn': 'privileged' } },
      ...Object.fromEntries(
        [
          inNamespace('api/v1', 'serviceaccounts/api'),
          inNamespace('api/v1', 'services/api'),
          inNamespace('apis/apps/v1', 'deployments/api'),
          inNamespace('apis/networking.k8s.io/v1', 'ingresses/tenant'),
          inNamespace('apis/networking.k8s.io/v1', 'networkpolicies/tenant'),
          inNamespace('apis/rbac.authorization.k8s.io/v1', 'rolebindings/tenantry-operator'),
        ].map((path) => [path, { annotations: { 'example.com/by-hand': 'yes' } }]),
      ),
    };
    const invalid = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 422,
      reason: 'Invalid',
      message: 'no',
    };
    const refuse = () =>
      lab.writes.intercept(({ what }) => {
        const applied = what.startsWith('PATCH ') && what.includes('namespaces/tenant-other');
        return applied ? { status: 422, body: invalid } : 'pass';
      });
    refuse();
    for (const [path, metadata] of Object.entries(broken)) await lab.api.request('PATCH', path, { metadata });
    await lab.change('other', { ring: 'canary' });
    for (const path of Object.keys(broken)) {
      await until(`${path} is right`, async () => {
        const { metadata } = await get(path);
        return !metadata.annotations?.['example.com/by-hand'] && !metadata.labels['pod-security.kubernetes.io/warn'];
      });
    }
    lab.writes.reset();

    const path = inNamespace('apis/rbac.authorization.k8s.io/v1', 'rolebindings/tenantry-operator');
    const { metadata, ...binding } = await get(path);
    const roleRef = { ...binding.roleRef, name: 'view' };
    const { name, namespace, labels } = metadata;
    await until('somebody was faster than the operator, who makes it anew at once', async () => {
      await lab.api.request('DELETE', path);
      return (await lab.api.create({ ...binding, roleRef, metadata: { name, namespace, labels } })).status === 201;
    });
    await lab.change('other', { ring: 'general' });
    await until('it has its role', async () => (await get(path)).roleRef?.name === binding.roleRef.name);
    await lab.untilReady('other');
  });

  test('that is deleted takes its namespace along and leaves its database, unless it was told otherwise', async () => {
    await lab.apply(tenantObject('brief', { database: { name: 'tenant_brief', deletionPolicy: 'Delete' } }));
    await lab.untilReady('brief');
    await lab.change('brief', { decommission: true });
    await lab.untilReason('brief', 'Decommissioned');
    for (const [name, policy] of [
      ['acme', 'Retain'],
      ['brief', 'Delete'],
    ] as const) {
      const { metadata } = await get(`/api/v1/namespaces/tenant-${name}`);
      const mark = { 'tenantry.dev/decommissioned': policy, 'tenantry.dev/database': `tenant_${name}` };
      expect(metadata.annotations).toMatchObject(mark);
      expect((await lab.tenant(name))?.metadata.finalizers).toBeUndefined();
      await lab.delete(name);
      // Nobody has to wait for what it leaves behind.
      expect(await lab.tenant(name)).toBeUndefined();
    }
    for (const name of ['acme', 'brief']) await lab.untilClearedAway(name);

    const left = await lab.query("SELECT datname FROM pg_database WHERE datname IN ('tenant_acme', 'tenant_brief')");
    expect(left).toEqual([{ datname: 'tenant_acme' }]);
    const roles = await lab.query("SELECT rolname FROM pg_roles WHERE rolname IN ('tenant_acme', 'tenant_brief')");
    expect(roles).toEqual([{ rolname: 'tenant_acme' }]);
  });

  test('that comes back waits for a person to give its role a password, and then has its data', async () => {
    const [{ oid } = {}] = await lab.query("SELECT oid FROM pg_database WHERE datname = 'tenant_acme'");
    await lab.apply(tenantObject('acme'));
    const { message } = await lab.untilReason('acme', 'CredentialsMissing');
    expect(message).toContain('kubectl --namespace tenant-acme create secret generic tenantry-credentials');
    expect((await lab.condition('acme', 'Stalled'))?.status).toBe('True');

    const credentials = { username: 'tenant_acme', password: 'chosen by a person' };
    const metadata = { name: 'tenantry-credentials', namespace: 'tenant-acme' };
    await lab.api.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: credentials });
    await lab.untilReady('acme');
    expect(await lab.logsIn('tenant_acme', 'chosen by a person', 'tenant_acme')).toBe(true);
    expect(await lab.query("SELECT oid FROM pg_database WHERE datname = 'tenant_acme'")).toEqual([{ oid }]);
  });

  test('is told about in Events that kubectl describe shows, once a person has something to do', async () => {
    const { items } = await get('/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=acme');
    const told = items.map(({ type, reason }: { type: string; reason: string }) => `${type} ${reason}`);
    expect(told).toEqual(expect.arrayContaining(['Warning CredentialsMissing', 'Normal Ready']));
    if (!findExecutable('kubectl')) return;
    const described = execFileSync('kubectl', ['--context', 'admin', 'describe', 'tenant', 'acme'], {
      env: { ...process.env, KUBECONFIG: lab.record.kubernetes.kubeconfig },
      encoding: 'utf8',
    });
    expect(described).toMatch(/Normal\s+Ready\s/);
  });

  test('that is deleted past the policy which forbids that is not torn down, and says why', async () => {
    const binding =
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/tenants-are-decommissioned-first.tenantry.dev';
    await lab.api.request('DELETE', binding);
    await until('nothing forbids it', async () => {
      const { status } = await lab.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/other');
      return status === 200;
    });
    const { message } = await lab.untilReason('other', 'NotDecommissioned');
    expect(message).toContain('set spec.decommission to true');
    expect((await deployment('api', 'other')).status.availableReplicas).toBe(1);

    await lab.change('other', { decommission: true });
    await lab.untilClearedAway('other');
  });

  describe('that is gone', () => {
    const namespace = (name: string) => get(`/api/v1/namespaces/tenant-${name}`);

    test('is cleared away by an operator that starts later: its namespace says what is to become of it', async () => {
      await lab.apply(tenantObject('later', { database: { name: 'tenant_later', deletionPolicy: 'Delete' } }));
      await lab.change('later', { decommission: true });
      await lab.untilReason('later', 'Decommissioned');
      lab.kill();
      await lab.delete('later');
      expect(await lab.tenant('later')).toBeUndefined();
      expect((await namespace('later')).status.phase).toBe('Active');
      await lab.start();
      await lab.untilClearedAway('later');
      expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_later'")).toEqual([]);
      expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_later'")).toEqual([]);
    });

    test('is not cleared away when it came back meanwhile: it finds its database again', async () => {
      const policy = { database: { name: 'tenant_back', deletionPolicy: 'Delete' } } as const;
      await lab.apply(tenantObject('back', policy));
      await lab.untilReady('back');
      const [{ oid } = {}] = await lab.query("SELECT oid FROM pg_database WHERE datname = 'tenant_back'");
      await lab.change('back', { decommission: true });
      await lab.untilReason('back', 'Decommissioned');
      lab.kill();
      await lab.delete('back');
      await lab.apply(tenantObject('back', policy));
      await lab.start();
      await lab.untilReady('back');
      expect(await lab.query("SELECT oid FROM pg_database WHERE datname = 'tenant_back'")).toEqual([{ oid }]);
      expect((await namespace('back')).metadata.annotations).toBeUndefined();
    });

    test('past policy and finalizer is reported, and nothing of it is removed', async () => {
      await lab.apply(tenantObject('lost'));
      await lab.untilReady('lost');
      // The policy is away, and so is the operator while somebody takes the finalizer off.
      lab.kill();
      await lab.delete('lost');
      await lab.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/lost', { metadata: { finalizers: null } });
      expect(await lab.tenant('lost')).toBeUndefined();
      await lab.start();
      await until('it is counted', async () => (await lab.metric('tenantry_orphans')) === 1);
      expect(lab.output()).toContain(
        'the namespace tenant-lost runs on without a Tenant, and nobody decommissioned it. Bring back lost.yaml and deploy',
      );
      expect((await deployment('api', 'lost')).status.availableReplicas).toBe(1);
      const { uid } = (await deployment('api', 'lost')).metadata;
      await lab.apply(tenantObject('lost'));
      await lab.untilReady('lost');
      await until('it is no longer counted', async () => (await lab.metric('tenantry_orphans')) === 0);
      expect((await deployment('api', 'lost')).metadata.uid).toBe(uid);
    });
  });
});
