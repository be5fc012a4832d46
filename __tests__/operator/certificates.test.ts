import { X509Certificate } from 'node:crypto';
import { DEFAULT_INGRESS } from '../../lib/tenant/ingress';
import type { TenantSpec } from '../../lib/tenant/spec';
import { until } from '../until';
import { ask } from './ask-host';
import { CERT_MANAGER, startCertManager } from './cert-manager';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

const LONG = `${'a-name-as-long-as-a-label-may-be-'.repeat(3).slice(0, 62)}1.example.org`;
const SOLVER = 'labelSelector=acme.cert-manager.io/http01-solver%3Dtrue';

describe('the certificates of a tenant, where cert-manager makes them', () => {
  let lab: Lab;
  let endCertManager: () => void;
  beforeAll(async () => {
    lab = await Lab.create();
    endCertManager = await startCertManager(lab);
    await lab.start();
    await makeIssuers();
  });
  afterAll(async () => {
    endCertManager?.();
    await lab?.remove();
  });
  afterEach(() => lab.writes.reset());

  const get = async (path: string): Promise<Live> => (await lab.api.request('GET', path)).body;
  const list = async (path: string): Promise<Live[]> => (await get(path)).items;
  const folder = (tenant: string, api: string) => `${api}/namespaces/tenant-${tenant}`;
  const certificates = (tenant: string) => `${folder(tenant, '/apis/cert-manager.io/v1')}/certificates`;

  /** One that signs everything by itself, and one of the company's own. */
  async function makeIssuers(): Promise<void> {
    const create = async (kind: string, metadata: { name: string; namespace?: string }, spec: object) => {
      const { status, body } = await lab.api.create({ apiVersion: 'cert-manager.io/v1', kind, metadata, spec } as Live);
      if (status !== 201) throw new Error(body.message);
    };
    const authority = {
      secretName: 'authority',
      isCA: true,
      commonName: 'Acme',
      issuerRef: { name: 'own', kind: 'ClusterIssuer' },
    };
    await create('ClusterIssuer', { name: 'own' }, { selfSigned: {} });
    await create('Certificate', { name: 'authority', namespace: CERT_MANAGER }, authority);
    await create('ClusterIssuer', { name: 'acme' }, { ca: { secretName: 'authority' } });
    await until('the company’s own is ready', async () => {
      const { status } = await get('/apis/cert-manager.io/v1/clusterissuers/acme');
      return status?.conditions?.some((one: Live) => one.type === 'Ready' && one.status === 'True');
    });
  }

  /** By the name of its Secret: for whom each certificate is, by whom, and how often it was made. */
  async function issued(tenant: string): Promise<Readonly<Record<string, Live>> | undefined> {
    const found = await Promise.all(
      (await list(certificates(tenant))).map(async ({ spec, status }) => {
        const secret = await get(`${folder(tenant, '/api/v1')}/secrets/${spec.secretName}`);
        if (!secret.data?.['tls.crt']) return undefined;
        const certificate = new X509Certificate(Buffer.from(secret.data['tls.crt'], 'base64'));
        return [
          spec.secretName,
          {
            for: certificate.subjectAltName?.replaceAll('DNS:', ''),
            by: certificate.issuer ?? 'nobody else',
            key: certificate.publicKey.asymmetricKeyType,
            revision: status?.revision,
          },
        ] as const;
      }),
    );
    return found.every((one) => one !== undefined) ? Object.fromEntries(found) : undefined;
  }
  const untilIssued = (tenant: string, hosts: Readonly<Record<string, string>>, by = '') =>
    until(`${tenant} has certificates for ${Object.values(hosts)}`, async () => {
      const now = await issued(tenant);
      if (!now || Object.keys(now).length !== Object.keys(hosts).length) return false;
      const isRight = Object.entries(hosts).every(
        ([secret, host]) => now[secret]?.for === host && now[secret].by.includes(by),
      );
      return isRight && now;
    });

  const settings = (changes: Partial<typeof DEFAULT_INGRESS> = {}) => ({
    ...DEFAULT_INGRESS,
    issuer: 'own',
    from: ['ingress-nginx'],
    ...changes,
  });
  const asking = (name: string, changes: Partial<TenantSpec> = {}) =>
    tenantObject(name, { services: [service('api')], ingress: settings(), ...changes });
  /** Has an operator that starts anew look at everything, again and again; returns what it wrote. */
  async function lookedAt() {
    await lab.stop();
    lab.writes.reset();
    await lab.start({ RESYNC_SECONDS: '1' });
    const looks = async () => (await lab.metric('tenantry_reconciles_total', { outcome: 'ready' })) ?? 0;
    const tenants = (await lab.tenants()).length;
    await until('every tenant was looked at', async () => (await looks()) >= 3 * tenants);
    return lab.writes.list();
  }

  test('are one for each host, made as the annotations of the platform say', async () => {
    const annotations = [{ name: 'cert-manager.io/private-key-algorithm', value: 'ECDSA' }];
    await lab.apply(asking('left', { hosts: ['shop.left.org', LONG], ingress: settings({ annotations }) }));
    await lab.untilReady('left');
    await untilIssued('left', { tls: 'left.example.com', 'shop.left.org': 'shop.left.org', [LONG]: LONG });
    // cert-manager counts one a moment after its Secret is there.
    const counted = await until('each is counted', async () => {
      const all = Object.values((await issued('left')) ?? {});
      return all.every(({ revision }) => revision !== undefined) && all;
    });
    expect(counted.map(({ key, revision }) => [key, revision])).toEqual(Array(3).fill(['ec', 1]));
  });

  test('are nothing that the operator writes about, and its Ingress is nothing that cert-manager writes to', async () => {
    expect(await lookedAt()).toEqual([]);
    const { metadata } = await get(`${folder('left', '/apis/networking.k8s.io/v1')}/ingresses/tenant`);
    expect(metadata.managedFields.map((one: Live) => one.manager)).toEqual(['tenantry-operator']);
    expect(Object.values((await issued('left')) ?? {}).map(({ revision }) => revision)).toEqual([1, 1, 1]);
  });

  test('are asked for beside the services: what answers a challenge by HTTP is let in, and left alone', async () => {
    const solvers = async () =>
      Promise.all([
        list(`${folder('left', '/apis/networking.k8s.io/v1')}/ingresses?${SOLVER}`),
        list(`${folder('left', '/api/v1')}/services?${SOLVER}`),
        list(`${folder('left', '/api/v1')}/pods?${SOLVER}`),
      ]);
    const challenges = `${folder('left', '/apis/acme.cert-manager.io/v1')}/challenges`;
    const made = await lab.api.request('POST', challenges, {
      apiVersion: 'acme.cert-manager.io/v1',
      kind: 'Challenge',
      metadata: { name: 'shop' },
      spec: {
        type: 'HTTP-01',
        dnsName: 'shop.left.org',
        token: 'a-token',
        key: 'a-token.a-thumbprint',
        url: 'https://acme.example/challenge',
        authorizationURL: 'https://acme.example/authorization',
        issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
        solver: { http01: { ingress: { ingressClassName: 'nginx' } } },
      },
    });
    expect(made.body.message).toBeUndefined();
    const answers = async (path: string) => (await ask(lab, 'shop.left.org', path)).service;
    await until('the challenge is answered', async () =>
      (await answers('/.well-known/acme-challenge/a-token'))?.startsWith('cm-acme-http-solver-'),
    );
    expect(await lookedAt()).toEqual([]);
    expect(await answers('/api/v1/health')).toBe('api');
    const [[ingress], [solver], [pod]] = await solvers();
    expect([ingress.spec.rules[0].http.paths[0].backend.service.name, pod.status.phase]).toEqual([
      solver.metadata.name,
      'Running',
    ]);
    // Of pods, the one policy of the namespace chooses all; and it lets in at every port.
    const [policy, ...others] = await list(`${folder('left', '/apis/networking.k8s.io/v1')}/networkpolicies`);
    const nginx = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } };
    expect([policy.spec.podSelector, policy.spec.ingress, others]).toEqual([
      {},
      [{ from: [{ podSelector: {} }, nginx] }],
      [],
    ]);

    await lab.api.request('PATCH', `${challenges}/shop/status`, { status: { state: 'valid' } });
    await until('what answered it is gone', async () => (await solvers()).every((one) => one.length === 0));
    expect(await answers('/api/v1/health')).toBe('api');
  });

  test('are made anew when another issuer is to make them', async () => {
    await lab.change('left', { ingress: settings({ issuer: 'acme' }) });
    await untilIssued('left', { tls: 'left.example.com', 'shop.left.org': 'shop.left.org', [LONG]: LONG }, 'Acme');
    await lab.untilReady('left');
  });

  test('go with a host to whoever has it next, and are made anew for a main host that is another', async () => {
    await lab.apply(asking('right', { hosts: ['shop.right.org'] }));
    await untilIssued('right', { tls: 'right.example.com', 'shop.right.org': 'shop.right.org' });
    // One that was a further one is the main one, one goes, and one is the other's that had another issuer.
    await lab.change('left', { host: 'shop.left.org', hosts: ['shop.right.org'] });
    await lab.change('right', { host: 'left.example.com', hosts: [] });
    await untilIssued('left', { tls: 'shop.left.org', 'shop.right.org': 'shop.right.org' }, 'Acme');
    await untilIssued('right', { tls: 'left.example.com' });
    await lab.untilReady('left', 'right');
    // The Secret of one that was dropped stays.
    const { metadata } = await get(`${folder('left', '/api/v1')}/secrets/${LONG}`);
    expect(metadata.name).toBe(LONG);
  });

  test('are there again when somebody deletes the Ingress', async () => {
    const former = (await list(certificates('right')))[0].metadata.uid;
    await lab.api.request('DELETE', `${folder('right', '/apis/networking.k8s.io/v1')}/ingresses/tenant`);
    await until('its certificate is another', async () => {
      const [one] = await list(certificates('right'));
      return one !== undefined && one.metadata.uid !== former;
    });
    await untilIssued('right', { tls: 'left.example.com' });
    await lab.untilReady('right');
  });

  test('are left to cert-manager, which renews them, where no issuer is named any more', async () => {
    const made = await issued('right');
    await lab.change('right', { ingress: settings({ issuer: '' }), hosts: ['late.right.org'] });
    await until(
      'it answers there',
      async () => (await ask(lab, 'late.right.org', '/api/v1/health')).tenant === 'right',
    );
    await lab.untilReady('right');
    expect(await issued('right')).toEqual(made);
  });

  test('are no longer asked for by a tenant that is decommissioned', async () => {
    await lab.change('right', { decommission: true });
    await until('they are gone', async () => (await list(certificates('right'))).length === 0);
  });
});
