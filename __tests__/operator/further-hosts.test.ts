import { DEFAULT_INGRESS } from '../../lib/tenant/ingress';
import type { TenantSpec } from '../../lib/tenant/spec';
import { until } from '../until';
import { ask, askAllTheWhile } from './ask-host';
import { watchClaims } from './claims';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

const PATH = '/api/v1/health';
const NETWORKING = '/apis/networking.k8s.io/v1';

describe('a tenant with several hosts', () => {
  let lab: Lab;
  let claims: ReturnType<typeof watchClaims>;
  beforeAll(async () => {
    lab = await Lab.create();
    claims = watchClaims(lab);
    await lab.start();
  });
  afterAll(async () => {
    await claims?.end();
    await lab?.remove();
  });
  afterEach(() => lab.writes.reset());

  const ingress = (tenant: string) => `${NETWORKING}/namespaces/tenant-${tenant}/ingresses/tenant`;
  const live = async (tenant: string): Promise<Live> => (await lab.api.request('GET', ingress(tenant))).body;
  const asking = (name: string, changes: Partial<TenantSpec> = {}) =>
    tenantObject(name, { services: [service('api')], ...changes });
  const answersAs = async (host: string) => (await ask(lab, host, PATH)).tenant;
  const untilAnswers = (host: string, tenant: string) =>
    until(`${tenant} answers at ${host}`, async () => (await answersAs(host)) === tenant);

  test('answers at each, with a certificate for each', async () => {
    await lab.apply(asking('left', { hosts: ['lent.example.org'] }));
    await lab.untilReady('left');
    expect(await Promise.all(['left.example.com', 'lent.example.org'].map(answersAs))).toEqual(['left', 'left']);
    expect((await live('left')).spec.tls).toEqual([
      { hosts: ['left.example.com'], secretName: 'tls' },
      { hosts: ['lent.example.org'], secretName: 'lent.example.org' },
    ]);
    expect((await lab.tenant('left'))?.status?.host).toBe('left.example.com');
  });

  test.each([
    ['goes on', 'lent.example.org', 'given.example.org', false],
    ['is killed halfway', 'given.example.org', 'lent.example.org', true],
  ])(
    'trades a further one for the main one of another, and neither fails at its others, where the operator %s',
    async (_, ours, theirs, dies) => {
      await lab.apply(asking('right', { host: theirs, hosts: ['right.example.org'] }));
      await lab.untilReady('left', 'right');
      const watched = [
        askAllTheWhile(lab, 'left.example.com', PATH, ({ tenant }) => tenant === 'left'),
        askAllTheWhile(lab, 'right.example.org', PATH, ({ tenant }) => tenant === 'right'),
      ];
      let killed = false;
      if (dies) {
        lab.writes.intercept(({ what }, _, moment) => {
          if (killed || moment !== 'after' || !what.includes('ingresses')) return 'pass';
          killed = true;
          lab.kill();
          return 'cut';
        });
      }
      await lab.change('left', { hosts: [theirs] });
      await lab.change('right', { host: ours });
      if (dies) {
        await until('the operator was killed', () => killed);
        await lab.start();
      }
      await untilAnswers(theirs, 'left');
      await untilAnswers(ours, 'right');
      await lab.untilReady('left', 'right');
      expect(await Promise.all(watched.map((one) => one.end()))).toEqual([[], []]);
    },
  );

  test('is told which of them is another’s, and answers at the others', async () => {
    await lab.apply(asking('late', { hosts: ['left.example.com', 'late.example.org'] }));
    expect((await lab.untilReason('late', 'HostConflict')).message).toBe(
      'the host left.example.com belongs to the tenant left. Give one of the two another host. Until then it answers at late.example.com and 1 more',
    );
    expect(await Promise.all(['late.example.com', 'late.example.org', 'left.example.com'].map(answersAs))).toEqual([
      'late',
      'late',
      'left',
    ]);
    // An operator that is started anew finds the same, and whose it is.
    lab.kill();
    await lab.start();
    await lab.change('left', { host: 'moved.example.com' });
    await untilAnswers('left.example.com', 'late');
    await lab.untilReady('left', 'late');
  });

  test('shared, in all this, none of them', async () => {
    expect(await claims.end()).toEqual([]);
  });

  describe('and settings of the platform for its Ingress', () => {
    const annotation = 'nginx.ingress.kubernetes.io/proxy-body-size';
    const settings = (changes: Partial<typeof DEFAULT_INGRESS>) => ({ ...DEFAULT_INGRESS, ...changes });
    const seen = async (tenant: string) => {
      const { metadata, spec } = await live(tenant);
      return { class: spec.ingressClassName, annotations: metadata.annotations ?? {} };
    };
    const untilSeen = (tenant: string, wanted: object) =>
      until(
        `its Ingress is ${JSON.stringify(wanted)}`,
        async () => JSON.stringify(await seen(tenant)) === JSON.stringify(wanted),
      );

    test('has them in its Ingress; what a person edits is put back, and what is asked for no more goes', async () => {
      const annotations = [{ name: annotation, value: '8m' }];
      const asked = {
        class: 'nginx',
        annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt', [annotation]: '8m' },
      };
      await lab.apply(asking('set', { ingress: settings({ class: 'nginx', issuer: 'letsencrypt', annotations }) }));
      await lab.untilReady('set');
      expect(await seen('set')).toEqual(asked);

      const snippet = { 'nginx.ingress.kubernetes.io/server-snippet': 'return 200;', [annotation]: '9g' };
      const edit = { metadata: { annotations: snippet }, spec: { ingressClassName: 'other' } };
      expect((await lab.api.request('PATCH', ingress('set'), edit)).status).toBe(200);
      await untilSeen('set', asked);

      await lab.change('set', { ingress: settings({ class: 'nginx' }) });
      await untilSeen('set', { class: 'nginx', annotations: {} });
      await lab.untilReady('set');
    });

    test('has the class that the cluster gives it where the platform names none, and keeps one that it had', async () => {
      const byDefault = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        metadata: { name: 'traefik', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
        spec: { controller: 'traefik.io/ingress-controller' },
      };
      expect((await lab.api.create(byDefault)).status).toBe(201);
      for (const name of ['first', 'second']) {
        // The API server gives it to new Ingresses as soon as it has heard of it.
        await until('a new Ingress gets it', async () => {
          await lab.api.request('DELETE', `${NETWORKING}/namespaces/default/ingresses/try`);
          const tried = {
            metadata: { name: 'try' },
            spec: { defaultBackend: { service: { name: 'x', port: { number: 80 } } } },
          };
          const { body } = await lab.api.request('POST', `${NETWORKING}/namespaces/default/ingresses`, tried);
          return body.spec.ingressClassName === 'traefik';
        });
        await lab.apply(asking(name));
        await lab.untilReady(name);
        await untilSeen(name, { class: 'traefik', annotations: {} });
      }
      await lab.change('first', { hosts: ['more.example.org'] });
      await untilAnswers('more.example.org', 'first');
      expect(await seen('first')).toEqual({ class: 'traefik', annotations: {} });

      await lab.change('set', { ingress: DEFAULT_INGRESS, hosts: ['much.example.org'] });
      await untilAnswers('much.example.org', 'set');
      await lab.untilReady('first', 'second', 'set');
      expect(await seen('set')).toEqual({ class: 'nginx', annotations: {} });

      // Nor does an operator that starts anew change anything.
      await lab.stop();
      lab.writes.reset();
      await lab.start({ RESYNC_SECONDS: '1' });
      const looks = async () => (await lab.metric('tenantry_reconciles_total', { outcome: 'ready' })) ?? 0;
      const tenants = (await lab.tenants()).length;
      await until('every tenant was looked at', async () => (await looks()) >= 3 * tenants);
      expect(lab.writes.list()).toEqual([]);
    });

    test('is reached from where the platform says, and its own namespace, alone', async () => {
      await lab.change('set', { ingress: settings({ from: ['ingress-nginx', '10.0.0.0/16'] }) });
      await lab.untilReady('set');
      const { body } = await lab.api.request('GET', `${NETWORKING}/namespaces/tenant-set/networkpolicies/tenant`);
      expect(body.spec.ingress).toEqual([
        {
          from: [
            { podSelector: {} },
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } },
            { ipBlock: { cidr: '10.0.0.0/16' } },
          ],
        },
      ]);
    });
  });
});
