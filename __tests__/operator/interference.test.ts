import { restartPart } from '../../local/platform/restart-part';
import { until } from '../until';
import { Lab } from './lab';
import { image, service, tenantObject } from './tenant-object';
import { identityOf, versionsOf, worldOf } from './world';

/** What people, other programs and broken machines do to a tenant while an operator looks after it. */
describe('an operator', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
    await lab.apply(tenantObject('acme'));
    await lab.apply(tenantObject('bystander'));
    await lab.untilReady('acme', 'bystander');
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const NAMESPACE = '/api/v1/namespaces/tenant-acme';
  const SECRET = `${NAMESPACE}/secrets/tenantry-credentials`;
  const DEPLOYMENT = '/apis/apps/v1/namespaces/tenant-acme/deployments/api';
  const NETWORKING = '/apis/networking.k8s.io/v1/namespaces/tenant-acme';
  const get = async (path: string) => (await lab.api.request('GET', path)).body;
  const container = async () => (await get(DEPLOYMENT)).spec.template.spec.containers;
  const credentials = async () => {
    const { data } = await get(SECRET);
    return { ...data, password: Buffer.from(data.password, 'base64').toString() } as { password: string };
  };
  const putSecret = async (stringData: Record<string, string>) =>
    lab.api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'tenantry-credentials', namespace: 'tenant-acme' },
      type: 'kubernetes.io/basic-auth',
      stringData,
    });

  describe('puts back what somebody', () => {
    test.each([
      ['deleted: a Deployment', DEPLOYMENT],
      ['deleted: a Service', `${NAMESPACE}/services/api`],
      ['deleted: the Ingress', `${NETWORKING}/ingresses/tenant`],
      ['deleted: the NetworkPolicy', `${NETWORKING}/networkpolicies/tenant`],
    ])('%s', async (_, path) => {
      const { uid } = (await get(path)).metadata;
      const before = await worldOf(lab, 'acme');
      expect((await lab.api.request('DELETE', path)).status).toBe(200);
      await until('there is another', async () => {
        const { metadata } = await get(path);
        return metadata.uid !== undefined && metadata.uid !== uid;
      });
      await until(
        'all is as before',
        async () => JSON.stringify(await worldOf(lab, 'acme')) === JSON.stringify(before),
      );
    });

    test('edited: the image of a Deployment', async () => {
      const containers = [{ ...(await container())[0], image: image('evil', 6) }];
      await lab.api.request('PATCH', DEPLOYMENT, { spec: { template: { spec: { containers } } } });
      await until('the image is the pinned one', async () => (await container())[0].image === image('api', 1));
    });

    test('added: a container, a variable, a rule of the Ingress, a port of a Service', async () => {
      const [api] = await container();
      const sidecar = { ...api, name: 'sidecar', ports: [], image: image('miner', 1) };
      const meddled = [{ ...api, env: [...api.env, { name: 'DEBUG', value: '1' }] }, sidecar];
      await lab.api.request('PATCH', DEPLOYMENT, { spec: { template: { spec: { containers: meddled } } } });
      const { spec } = await get(`${NETWORKING}/ingresses/tenant`);
      const rules = [...spec.rules, { ...spec.rules[0], host: 'attacker.example.com' }];
      await lab.api.request('PATCH', `${NETWORKING}/ingresses/tenant`, { spec: { rules } });
      const ports = [
        { name: 'http', port: 8080, targetPort: 'http' },
        { name: 'debug', port: 9229 },
      ];
      await lab.api.request('PATCH', `${NAMESPACE}/services/api`, { spec: { ports } });

      await until('the container is alone', async () => JSON.stringify(await container()) === JSON.stringify([api]));
      await until(
        'the host is alone',
        async () => (await get(`${NETWORKING}/ingresses/tenant`)).spec.rules.length === 1,
      );
      await until('the port is alone', async () => (await get(`${NAMESPACE}/services/api`)).spec.ports.length === 1);
      await lab.untilReady('acme');
    });

    test('opened: the NetworkPolicy, and the pod security of the namespace', async () => {
      const path = `${NETWORKING}/networkpolicies/tenant`;
      await lab.api.request('PATCH', path, { spec: { ingress: [{}] } });
      await until('the policy is closed', async () => (await get(path)).spec.ingress[0].from?.length === 2);
      const label = 'pod-security.kubernetes.io/enforce';
      await lab.api.request('PATCH', NAMESPACE, { metadata: { labels: { [label]: 'privileged' } } });
      await until('it is restricted', async () => (await get(NAMESPACE)).metadata.labels[label] === 'restricted');
    });

    test('scaled: the pods of a Deployment', async () => {
      await lab.api.request('PATCH', DEPLOYMENT, { spec: { replicas: 0 } });
      await until('there is one pod again', async () => (await get(DEPLOYMENT)).spec.replicas === 1);
    });
  });

  describe('takes the Secret for the truth', () => {
    test('so that a password which is edited there becomes that of the role, and pods start anew with it', async () => {
      const before = await get(DEPLOYMENT);
      await lab.api.request('PATCH', SECRET, { stringData: { password: 'rotated by a person' } });
      await until('the role takes it', () => lab.logsIn('tenant_acme', 'rotated by a person', 'tenant_acme'));
      const annotations = (deployment: typeof before) => deployment.spec.template.metadata.annotations;
      await until('pods start anew', async () => {
        return (
          annotations(await get(DEPLOYMENT))['tenantry.dev/credentials'] !==
          annotations(before)['tenantry.dev/credentials']
        );
      });
      await lab.untilReady('acme');
      expect((await credentials()).password).toBe('rotated by a person');
    });

    test('so that a role whose password somebody else changed takes that of the Secret again', async () => {
      await lab.query("ALTER ROLE tenant_acme PASSWORD 'changed behind its back'");
      lab.kill();
      await lab.start();
      const { password } = await credentials();
      await until('the role takes it', () => lab.logsIn('tenant_acme', password, 'tenant_acme'));
    });

    test('but makes no new one when it is gone: it says what a person must do, and goes on once that is done', async () => {
      const { password } = await credentials();
      expect((await lab.api.request('DELETE', SECRET)).status).toBe(200);
      const { message } = await lab.untilReason('acme', 'CredentialsMissing');
      expect(message).toContain('Restore the Secret from a backup, or give the role a new password: kubectl');
      expect(await lab.condition('acme', 'Stalled')).toMatchObject({ status: 'True', reason: 'CredentialsMissing' });
      expect((await get(SECRET)).code).toBe(404);
      expect(await lab.logsIn('tenant_acme', password, 'tenant_acme')).toBe(true);

      await putSecret({ username: 'tenant_acme', password });
      await lab.untilReady('acme');
      expect(await lab.logsIn('tenant_acme', password, 'tenant_acme')).toBe(true);
      expect((await get(SECRET)).metadata.labels).toMatchObject({ 'tenantry.dev/tenant': 'acme' });
    });

    test('and says so when it cannot be used, and changes nothing', async () => {
      const { password } = await credentials();
      await lab.api.request('PATCH', SECRET, { stringData: { username: 'postgres' } });
      await lab.untilReason('acme', 'CredentialsInvalid');
      expect(await lab.logsIn('tenant_acme', password, 'tenant_acme')).toBe(true);
      await lab.api.request('PATCH', SECRET, { stringData: { username: 'tenant_acme' } });
      await lab.untilReady('acme');
    });
  });

  test('makes a namespace that somebody deleted again, and asks for the credentials that went with it', async () => {
    const { password } = await credentials();
    const { uid } = (await get(NAMESPACE)).metadata;
    expect((await lab.api.request('DELETE', NAMESPACE)).status).toBe(200);
    await until(
      'there is another namespace',
      async () => ![uid, undefined].includes((await get(NAMESPACE)).metadata.uid),
    );
    await lab.untilReason('acme', 'CredentialsMissing');
    await putSecret({ username: 'tenant_acme', password });
    await lab.untilReady('acme');
    expect((await get(DEPLOYMENT)).status.availableReplicas).toBe(1);
  });

  describe('leaves alone what is not its own', () => {
    test('a namespace that has a tenant’s name: the tenant waits', async () => {
      await lab.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenant-taken' } });
      const before = (await get('/api/v1/namespaces/tenant-taken')).metadata.resourceVersion;
      await lab.apply(tenantObject('taken'));
      const { message } = await lab.untilReason('taken', 'NamespaceConflict');
      expect(message).toContain(
        'kubectl label --overwrite namespace tenant-taken app.kubernetes.io/managed-by=tenantry-operator tenantry.dev/tenant=taken',
      );
      expect((await get('/api/v1/namespaces/tenant-taken')).metadata.resourceVersion).toBe(before);

      await lab.change('taken', { decommission: true });
      await lab.delete('taken');
      await lab.untilGone('taken');
      await until('it is forgotten', async () => (await lab.metric('tenantry_tenants', { ready: 'False' })) === 0);
      expect((await get('/api/v1/namespaces/tenant-taken')).status.phase).toBe('Active');
    });

    test('a role and a database that have a tenant’s names: they are neither used nor dropped', async () => {
      await lab.query("CREATE ROLE tenant_squatter LOGIN PASSWORD 'theirs'");
      await lab.query('CREATE DATABASE tenant_squatter OWNER tenant_squatter');
      await lab.apply(tenantObject('squatter', { database: { name: 'tenant_squatter', deletionPolicy: 'Delete' } }));
      await lab.untilReason('squatter', 'CredentialsMissing');
      const metadata = { name: 'tenantry-credentials', namespace: 'tenant-squatter' };
      const stringData = { username: 'tenant_squatter', password: 'ours' };
      await lab.api.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
      const { message } = await lab.untilReason('squatter', 'RoleConflict');
      expect(message).toContain('COMMENT ON ROLE "tenant_squatter" IS \'tenantry.dev/tenant=squatter\'');

      await lab.change('squatter', { decommission: true });
      await lab.delete('squatter');
      await lab.untilClearedAway('squatter');
      expect(await lab.logsIn('tenant_squatter', 'theirs', 'tenant_squatter')).toBe(true);
    });

    test('the database of another tenant: of two that would share one, the second waits', async () => {
      await lab.apply(tenantObject('greedy', { database: { name: 'tenant_bystander', deletionPolicy: 'Delete' } }));
      const { message } = await lab.untilReason('greedy', 'DatabaseConflict');
      expect(message).toContain('the database tenant_bystander belongs to tenant_bystander, not to tenant_greedy');
      await lab.change('greedy', { decommission: true });
      await lab.delete('greedy');
      await lab.untilClearedAway('greedy');
      expect(await lab.query("SELECT 1 FROM pg_database WHERE datname = 'tenant_bystander'")).toHaveLength(1);
      expect(lab.output()).toContain('the tenant is gone; the database tenant_bystander is not its own, and is kept');
      expect(await lab.query("SELECT 1 FROM pg_roles WHERE rolname = 'tenant_greedy'")).toHaveLength(0);
    });

    test('the host of another tenant: of two that would share one, the one that answers there keeps it', async () => {
      await lab.apply(tenantObject('envious', { host: 'bystander.example.com' }));
      const { message } = await lab.untilReason('envious', 'HostConflict');
      expect(message).toBe(
        'the host bystander.example.com belongs to the tenant bystander. Give one of the two another host',
      );
      expect((await get('/apis/networking.k8s.io/v1/namespaces/tenant-envious/ingresses')).items).toEqual([]);
      expect((await lab.condition('bystander', 'Ready'))?.status).toBe('True');
      // One piece of news is one Event, and one line in the log.
      const told = await until('it is told', () => {
        const events = lab.writes.events().filter((event) => event.includes(message));
        return events.length > 0 && events;
      });
      expect(told).toEqual([`Warning HostConflict Tenant/envious: ${message}`]);
      expect(lab.output().split(message)).toHaveLength(2);
      // Its services run, ready for the day when it has a host.
      await lab.untilReason('envious', 'ServicesReady', 'ServicesReady');

      expect(await lab.metric('tenantry_errors_total', { reason: 'HostConflict' })).toBeGreaterThan(0);

      await lab.change('envious', { host: 'envious.example.com' });
      await lab.untilReady('envious');
    });

    test('the host of a younger tenant: being the older one does not help, until the other is decommissioned', async () => {
      const own = 'bystander.example.com';
      await lab.change('bystander', { host: 'envious.example.com' });
      const { message } = await lab.untilReason('bystander', 'HostConflict');
      expect(message).toContain('belongs to the tenant envious');
      expect((await lab.condition('envious', 'Ready'))?.status).toBe('True');

      await lab.change('envious', { decommission: true });
      await lab.untilReason('envious', 'Decommissioned');
      await lab.untilReady('bystander');
      expect((await lab.tenant('bystander'))?.status?.host).toBe('envious.example.com');
      await lab.change('bystander', { host: own });
      await lab.untilReady('bystander');
    });
  });

  test.each(["'; DROP DATABASE postgres; --", 'a.b', 'UPPER', 'under_score', '-dash', 'x'.repeat(57)])(
    'never sees a Tenant whose name could not be a namespace and a role: %s',
    async (name) => {
      const { status, body } = await lab.api.create(tenantObject(name) as never);
      expect({ status, message: body.message }).toMatchObject({ status: 422 });
    },
  );

  test.each(['x"; DROP ROLE tenant_acme; --', "x'", 'tenant_acme; SELECT 1', 'pg_catalog"."x'])(
    'never sees a database name that could be more than a name: %s',
    async (database) => {
      const object = tenantObject('injection', { database: { name: database, deletionPolicy: 'Delete' } });
      expect((await lab.api.create(object as never)).status).toBe(422);
    },
  );

  describe('outlives', () => {
    test('the API server being started anew', async () => {
      const before = await identityOf(lab, 'acme');
      await restartPart(lab.directory, 'kube-apiserver');
      await lab.change('acme', { services: [service('api', 2), service('web')] });
      await until('the new image is there', async () => (await container())[0].image === image('api', 2));
      await lab.untilReady('acme');
      expect(await identityOf(lab, 'acme')).toEqual(before);
    });

    test('PostgreSQL being started anew', async () => {
      await restartPart(lab.directory, 'postgres');
      await lab.reconnect();
      await lab.apply(tenantObject('after-restart'));
      await lab.untilReady('after-restart');
    });

    test('PostgreSQL being away: it says so, deploys what has its database already, and goes on by itself', async () => {
      await lab.postgres.refuse();
      await lab.apply(tenantObject('early'));
      await lab.change('acme', { services: [service('api', 3), service('web')] });
      const { message } = await lab.untilReason('early', 'DatabaseUnavailable');
      expect(message).toContain('does not answer as expected');
      await until('the new image is there', async () => (await container())[0].image === image('api', 3));
      await lab.postgres.accept();
      await lab.untilReady('early', 'acme');
    });

    test('PostgreSQL being deaf: other tenants are looked after meanwhile', async () => {
      lab.postgres.hang();
      await lab.apply(tenantObject('waiting'));
      await lab.change('bystander', { services: [service('api', 4), service('web')] });
      await lab.untilReady('bystander');
      await lab.untilReason('waiting', 'DatabaseUnavailable');
      lab.postgres.resume();
      await lab.untilReady('waiting');
    });

    test('the API server being away in the middle of a rollout', async () => {
      lab.writes.intercept(({ what }) => {
        if (!what.includes('/deployments/web')) return 'pass';
        void lab.kubernetes.refuse();
        return 'cut';
      });
      await lab.change('acme', { services: [service('api', 5), service('web', 5)] });
      await until('the API server is away', () =>
        lab.writes.list().some(({ what }) => what.includes('/deployments/web')),
      );
      lab.writes.reset();
      await lab.kubernetes.accept();
      await lab.untilReady('acme');
      expect((await lab.tenant('acme'))?.status?.services?.map(({ image }) => image)).toEqual([
        image('api', 5),
        image('web', 5),
      ]);
    });

    test.each([
      ['a conflict', { status: 409, body: status(409, 'Conflict', 'the object has been modified') }],
      ['an API server that is too busy', { status: 429, body: status(429, 'TooManyRequests', 'too busy') }],
      ['an API server that fails', { status: 500, body: 'not even JSON' }],
    ])('%s at writes of every sort', async (_, answer) => {
      const name = `refused${answer.status}`;
      const writes = [`tenants/${name}?`, `(tenant-${name})`, '/secrets', '/deployments/web', '/status'];
      const left = new Set(writes);
      lab.writes.intercept(({ what }) => {
        const found = [...left].find((part) => what.includes(part) && what.includes(name));
        if (!found) return 'pass';
        left.delete(found);
        return answer;
      });
      await lab.apply(tenantObject(name));
      await lab.untilReady(name);
      expect([...left]).toEqual([]);
    });

    test('what is over in a moment, without calling a tenant that was ready anything else', async () => {
      let refusals = 0;
      const answer = { status: 409, body: status(409, 'Conflict', 'the object has been modified') };
      const refuse = (times: number) =>
        lab.writes.intercept(({ what }, _, moment) => {
          if (moment === 'after' || !what.includes('tenant-acme/deployments/web') || refusals === times) return 'pass';
          refusals += 1;
          return answer;
        });
      refuse(2);
      await lab.change('acme', { services: [service('api', 6), service('web', 6)] });
      await lab.untilReady('acme');
      expect(refusals).toBe(2);
      expect(lab.writes.list().map(({ what }) => what)).not.toContainEqual(expect.stringContaining('(Conflict)'));
      expect(lab.writes.events()).not.toContainEqual(expect.stringContaining('Warning'));

      refuse(Number.POSITIVE_INFINITY);
      await lab.change('acme', { services: [service('api', 6), service('web', 7)] });
      await lab.untilReason('acme', 'Conflict');
      lab.writes.reset();
      // It is tried again by itself, later and later; a change of the Tenant is tried at once.
      await lab.change('acme', { ring: 'other' });
      await lab.untilReady('acme');
    });

    test('a connection that breaks after the server has done what it was told', async () => {
      const left = new Set(['CREATE ROLE', 'COMMIT', 'CREATE DATABASE', '/secrets', '/deployments/api']);
      lab.writes.intercept(({ what }, _, moment) => {
        const found = moment === 'after' && [...left].find((part) => what.includes(part));
        if (!found) return 'pass';
        left.delete(found);
        return 'cut one';
      });
      await lab.apply(tenantObject('broken-off'));
      await lab.untilReady('broken-off');
      expect([...left]).toEqual([]);
    });
  });

  test('tells what Kubernetes says where no pod comes up', async () => {
    const limits = [{ type: 'Container', min: { cpu: '1' } }];
    await lab.apply(tenantObject('limited', { services: [service('api')] }));
    await lab.untilReady('limited');
    const metadata = { name: 'big-pods-only', namespace: 'tenant-limited' };
    await lab.api.create({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } });
    await lab.change('limited', { services: [service('api', 2)] });
    await until('it says so', async () =>
      (await lab.condition('limited', 'ServicesReady'))?.message.includes('minimum cpu usage per Container is 1'),
    );
    expect((await lab.tenant('limited'))?.status?.services).toMatchObject([{ image: image('api', 1) }]);
  });

  test('has written nothing in all this to a tenant that nobody touched, and to no namespace but those of tenants', async () => {
    await lab.apply(tenantObject('untouched'));
    await lab.untilReady('untouched');
    const before = await versionsOf(lab, ['untouched']);
    await lab.change('acme', { ring: 'another' });
    await lab.untilReady('acme');
    expect(await versionsOf(lab, ['untouched'])).toEqual(before);
    const { items } = await get('/api/v1/namespaces');
    const others = items.filter(({ metadata }: { metadata: { labels?: object } }) => {
      return !('tenantry.dev/tenant' in (metadata.labels ?? {}));
    });
    for (const { metadata } of others) {
      const managers = (metadata.managedFields ?? []).map(({ manager }: { manager: string }) => manager);
      expect({ name: metadata.name, managers }).not.toMatchObject({
        managers: expect.arrayContaining(['tenantry-operator']),
      });
    }
  });
});

function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message };
}
