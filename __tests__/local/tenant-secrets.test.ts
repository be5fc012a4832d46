import { makeTenantSecrets } from '../../local/tenant-secrets';
import { changed, GOOD_PLATFORM, load } from '../config/configuration-files';

const NAMESPACE = '/api/v1/namespaces/tenant-globex';
const API = 'apiserver: { github: acme/apiserver, port: 8080, replicas: 2';
const tenantsWith = (secrets: string, more = '') =>
  load({ 'platform.yaml': `${changed(GOOD_PLATFORM, API, `${API}, secrets: ${secrets}`)}${more}` }).tenants;

/** A cluster with the namespace of a tenant, whose Secrets the operator sees after it was asked once more. */
class Cluster {
  readonly secrets = new Map<string, Record<string, string>>();
  private unseen = '';

  constructor(private readonly reason: string) {}

  async get<Content>(path: string): Promise<Content | undefined> {
    if (path.endsWith('/tenants')) {
      const items = [{ status: { conditions: [{ reason: this.unseen }] } }];
      this.unseen = '';
      return { items } as Content;
    }
    if (path === NAMESPACE) return {} as Content;
    const data = this.secrets.get(path);
    return data && ({ data } as Content);
  }

  async create(folder: string, body: object): Promise<void> {
    const { metadata, stringData } = body as { metadata: { name: string }; stringData: Record<string, string> };
    this.secrets.set(`${folder}/${metadata.name}`, stringData);
    this.unseen = this.reason;
  }

  async change(path: string, { stringData }: { stringData?: Record<string, string> }): Promise<void> {
    this.secrets.set(path, { ...this.secrets.get(path), ...stringData });
    this.unseen = this.reason;
  }

  isSeen(): boolean {
    return this.unseen === '';
  }
}

describe('the Secrets of the local platform', () => {
  const STORE = 'secretStore: { name: aws, path: "acme/{tenant}/{service}" }\n';
  test.each([
    ['somebody makes', 'SecretMissing', 'stripe', '{ A: stripe/a }', ''],
    ['come from a secret store', 'SecretStoreMissing', 'apiserver', '{ A: a }', STORE],
  ])(
    'that %s elsewhere are made here, and waited for until the operator has seen them',
    async (_, reason, name, secrets, more) => {
      const cluster = new Cluster(reason);
      expect(await makeTenantSecrets(cluster, tenantsWith(secrets, more))).toEqual([`tenant-globex/${name}`]);
      expect(cluster.isSeen()).toBe(true);
      expect([...cluster.secrets]).toEqual([
        [`${NAMESPACE}/secrets/${name}`, { a: expect.stringMatching(/^[0-9a-f]{32}$/) }],
      ]);
      expect(await makeTenantSecrets(cluster, tenantsWith(secrets, more))).toEqual([]);
    },
  );

  test('get a key that is named later, and keep those that they have', async () => {
    const cluster = new Cluster('SecretMissing');
    await makeTenantSecrets(cluster, tenantsWith('{ A: stripe/a }'));
    const path = `${NAMESPACE}/secrets/stripe`;
    const a = cluster.secrets.get(path)?.a;
    expect(await makeTenantSecrets(cluster, tenantsWith('{ A: stripe/a, B: stripe/b }'))).toEqual([
      'tenant-globex/stripe',
    ]);
    expect(cluster.secrets.get(path)).toEqual({ a, b: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });
});
