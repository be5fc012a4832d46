import { makeTenantSecrets } from '../../local/tenant-secrets';
import { changed, GOOD_PLATFORM, load } from '../config/configuration-files';

const NAMESPACE = '/api/v1/namespaces/tenant-globex';
const API = 'apiserver: { github: acme/apiserver, port: 8080, replicas: 2';
const tenantsWith = (secrets: string, more = '') =>
  load({ 'platform.yaml': `${changed(GOOD_PLATFORM, API, `${API}, secrets: ${secrets}`)}${more}` }).tenants;

const told = (observedGeneration: number, reason: string) => ({
  observedGeneration,
  conditions: [{ type: 'Ready', reason }],
});

/** A cluster with the namespace of a tenant, where the operator looks once after another: each time that it is asked about. */
class Cluster {
  readonly secrets = new Map<string, Record<string, string>>();
  /** What the operator says at the looks to come. */
  private looks: object[] = [];

  constructor(private readonly reason: string) {}

  async get<Content>(path: string): Promise<Content | undefined> {
    if (path.endsWith('/tenants')) {
      const status = this.looks.shift() ?? told(2, 'Converged');
      return { items: [{ metadata: { generation: 2 }, status }] } as Content;
    }
    if (path === NAMESPACE) return {} as Content;
    const data = this.secrets.get(path);
    return data && ({ data } as Content);
  }

  async create(folder: string, body: object): Promise<void> {
    const { metadata, stringData } = body as { metadata: { name: string }; stringData: Record<string, string> };
    this.secrets.set(`${folder}/${metadata.name}`, stringData);
    this.looks = this.stillUnseen();
  }

  async change(path: string, { stringData }: { stringData?: Record<string, string> }): Promise<void> {
    this.secrets.set(path, { ...this.secrets.get(path), ...stringData });
    this.looks = this.stillUnseen();
  }

  /** Nothing yet, then what it said of the file before, then a look that was under way when the Secret was made. */
  private stillUnseen() {
    return [{}, told(1, 'Converged'), told(2, this.reason)];
  }

  isSeen(): boolean {
    return this.looks.length === 0;
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
