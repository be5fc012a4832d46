import { until } from '../until';
import { ask, askAllTheWhile } from './ask-host';
import { Lab } from './lab';
import { api, deploymentOf, everRan, imageOf, Pair } from './ringed-tenants';
import { image, service, tenantObject } from './tenant-object';

describe('a service', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  const get = async (path: string) => (await lab.api.request('GET', path)).body;
  const exists = async (tenant: string, name: string) => (await deploymentOf(lab, tenant, name)).code !== 404;

  describe('that gets another name', () => {
    /** At the same path as before. */
    const named = (name: string, n: number, ailment?: 'pods') => ({
      ...api(n, ailment),
      name,
      path: '/app',
      healthPath: '/app/v1/health',
    });
    const answerer = async (tenant: string) => (await ask(lab, `${tenant}.example.com`, '/app/v1/health')).service;

    test('answers all the while, as one or the other', async () => {
      await lab.apply(tenantObject('rename', { services: [named('web', 1)] }));
      await lab.untilReady('rename');
      const asking = askAllTheWhile(lab, 'rename.example.com', '/app/v1/health');
      await lab.change('rename', { services: [named('site', 2)] });
      await until('the new one answers', async () => (await answerer('rename')) === 'site');
      await until('the old one is gone', async () => !(await exists('rename', 'web')));
      await lab.untilReady('rename');
      expect(await asking.end()).toEqual([]);
      expect((await get('/api/v1/namespaces/tenant-rename/services')).items).toHaveLength(1);
      expect((await get('/api/v1/namespaces/tenant-rename/serviceaccounts/web')).code).toBe(404);
    });

    test('answers as the old one as long as the new one does not come up, also when the operator is killed meanwhile', async () => {
      const asking = askAllTheWhile(lab, 'rename.example.com', '/app/v1/health');
      await lab.change('rename', { services: [named('portal', 3, 'pods')] });
      await lab.untilReason('rename', 'RolloutInProgress');
      lab.kill();
      await lab.start();
      await lab.untilReason('rename', 'RolloutInProgress');
      expect(await answerer('rename')).toBe('site');

      let killed = false;
      lab.writes.intercept(({ what }, _, moment) => {
        if (killed || moment !== 'after' || !what.includes('ingresses')) return 'pass';
        killed = true;
        lab.kill();
        return 'cut';
      });
      await lab.change('rename', { services: [named('portal', 4)] });
      await until('the operator was killed when the new one answers', () => killed);
      await lab.start();
      await lab.untilReady('rename');
      expect(await answerer('rename')).toBe('portal');
      await until('the old one is gone', async () => !(await exists('rename', 'site')));
      expect(await asking.end()).toEqual([]);
    });

    test('answers as the old one while its tenant waits for a ring', async () => {
      const pair = await new Pair(lab, 'naming').begin({ services: [named('web', 1)] });
      const asking = askAllTheWhile(lab, `${pair.later}.example.com`, '/app/v1/health');
      await lab.change(pair.canary, { services: [named('site', 2, 'pods')] });
      await lab.change(pair.later, { services: [named('site', 2)] });
      await pair.untilHeld(pair.canary);
      expect(await answerer(pair.later)).toBe('web');
      expect(await exists(pair.later, 'site')).toBe(false);

      await pair.ask({ services: [named('site', 3)] });
      await until('the new one answers', async () => (await answerer(pair.later)) === 'site');
      await lab.untilReady(pair.canary, pair.later);
      expect(await asking.end()).toEqual([]);
    });
  });

  describe.each<[string, string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['is away', 'DatabaseUnavailable', () => lab.postgres.refuse(), () => lab.postgres.accept()],
    ['is deaf', 'DatabaseUnavailable', async () => lab.postgres.hang(), async () => lab.postgres.resume()],
    [
      'lets nobody make anything',
      'DatabaseForbidden',
      () => lab.query('ALTER ROLE tenantry_operator NOCREATEROLE NOCREATEDB'),
      () => lab.query('ALTER ROLE tenantry_operator CREATEROLE CREATEDB'),
    ],
  ])('whose database server %s', (what, reason, away, back) => {
    const name = `while-${what.split(' ').at(-1)}`;
    const stopped = `${name}-stopped`;
    beforeAll(async () => {
      for (const each of [name, stopped]) await lab.apply(tenantObject(each, { services: [api(1), service('web')] }));
      await lab.untilReady(name, stopped);
      await away();
      // Whatever was known of the database is forgotten, and asked for.
      lab.kill();
      await lab.start();
      await lab.apply(tenantObject(`${name}-new`));
      await lab.untilReason(`${name}-new`, reason);
    });
    afterAll(back);

    test('gets a new image, and one that does not come up gets its fix', async () => {
      await lab.change(name, { services: [api(2, 'pods'), service('web')] });
      await until('it rolls', async () => (await imageOf(lab, name)) === image('api', 2));
      await lab.change(name, { services: [api(3, undefined, { replicas: 2 }), service('web')] });
      await until('the fix runs', async () => {
        const { status, spec } = await deploymentOf(lab, name);
        return spec.template.spec.containers[0].image === image('api', 3) && status.updatedReplicas === 2;
      });
      await lab.untilReason(name, 'ServicesReady', 'ServicesReady');
      expect((await lab.tenant(name))?.status?.services).toMatchObject([{ image: image('api', 3) }, { name: 'web' }]);
      expect(await everRan(lab, name)).toEqual([1, 2, 3]);
    });

    test('stops with its tenant', async () => {
      await lab.change(stopped, { decommission: true });
      await until('no pod is left', async () => {
        const { items } = await get(`/api/v1/namespaces/tenant-${stopped}/pods`);
        return items.length === 0;
      });
      const ingress = `/apis/networking.k8s.io/v1/namespaces/tenant-${stopped}/ingresses/tenant`;
      await until('its host leads nowhere', async () => (await get(ingress)).code === 404);
    });
  });

  test('whose credentials are gone gets its new image, and stops with its tenant', async () => {
    await lab.apply(tenantObject('bare', { services: [api(1)] }));
    await lab.untilReady('bare');
    await lab.api.request('DELETE', '/api/v1/namespaces/tenant-bare/secrets/tenantry-credentials');
    await lab.untilReason('bare', 'CredentialsMissing');
    await lab.change('bare', { services: [api(2)] });
    await until('it has its new image', async () => (await imageOf(lab, 'bare')) === image('api', 2));
    await lab.untilReason('bare', 'CredentialsMissing');
    await lab.untilReason('bare', 'ServicesReady', 'ServicesReady');
    await lab.change('bare', { decommission: true });
    await until('it is stopped', async () => (await deploymentOf(lab, 'bare')).spec.replicas === 0);
  });
});
