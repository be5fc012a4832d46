import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Platform } from '../../lib/config/platform';
import { CLUSTER } from '../../lib/doctor/cluster';
import { examine } from '../../lib/doctor/step';
import { ADMINISTRATOR, BareCluster, MANIFESTS } from '../operator/bare-cluster';
import { PLATFORM } from '../stacks/pinned-platform';

const folder = mkdtempSync(join(tmpdir(), 'tenantry-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(kubeconfig: object, changes: Partial<Platform> = {}) {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, stringify(kubeconfig), { mode: 0o600 });
  const platform = { ...PLATFORM, cluster: { kubeconfig: file }, ...changes };
  const steps = await examine('Kubernetes', { platform, manifests: MANIFESTS, local: false }, CLUSTER);
  return Object.fromEntries(steps.map(({ step, outcome, because }) => [step, [outcome, because.join('\n')]]));
}

/** In the order of these tests: first nothing is there, then all, then some of it is changed. */
describe('what tenantry doctor asks the cluster', () => {
  let cluster: BareCluster;
  let admin: object;
  let nobody: object;
  beforeAll(async () => {
    cluster = await BareCluster.create();
    nobody = parse(cluster.kubeconfig('nobody'));
    const config = parse(cluster.kubeconfig('nobody'));
    delete config.users[0].user.as;
    admin = config;
  });
  afterAll(() => cluster?.remove());

  test('is not done where nothing is there', async () => {
    const found = await ask(admin, {
      secretStore: { kind: 'ClusterSecretStore', name: 'aws' } as NonNullable<Platform['secretStore']>,
      ingress: { ...PLATFORM.ingress, issuer: 'letsencrypt' },
    });
    expect(found.Cluster).toEqual(['done', '']);
    expect(found['Tenant definition']).toEqual([
      'not done',
      'there is no CustomResourceDefinition tenants.tenantry.dev',
    ]);
    for (const { kind, metadata } of MANIFESTS) {
      const missing = Object.values(found).filter(([, because]) =>
        because?.split('\n').some((line) => line.startsWith(`there is no ${kind} ${metadata.name}`)),
      );
      expect({ kind, name: metadata.name, times: missing.length }).toEqual({ kind, name: metadata.name, times: 1 });
    }
    expect(found["Operator's database"]).toEqual([
      'not done',
      'there is no Secret tenantry-database in tenantry-system',
    ]);
    expect(found['External Secrets']).toEqual(['not done', 'the cluster does not know external-secrets.io']);
    expect(found['cert-manager']).toEqual(['not done', 'the cluster does not know cert-manager.io']);
  });

  test('is done where operator/deploy is applied, but for the pods, of which there are none here', async () => {
    await cluster.install(MANIFESTS);
    const metadata = { name: 'tenantry-database', namespace: 'tenantry-system' };
    await cluster.made({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { url: 'postgresql://localhost' } });
    expect(await ask(admin)).toEqual({
      Cluster: ['done', ''],
      'Tenant definition': ['done', ''],
      'Admission policies': ['done', ''],
      'Access rights': ['done', ''],
      Operator: ['not done', expect.stringContaining('none of its pods is ready: kubectl')],
      "Operator's database": ['done', ''],
      'External Secrets': ['not needed', expect.anything()],
      'cert-manager': ['not needed', expect.anything()],
    });
    const named = await ask(admin, { database: { servers: ['eu-2'] } });
    expect(named["Operator's database"]).toEqual(['not done', 'the Secret tenantry-database has no key "eu-2.url"']);
  });

  test('finds what is not that of this checkout', async () => {
    const change = async (path: string, body: object) =>
      expect((await cluster.request(ADMINISTRATOR, 'PATCH', path, { body })).status).toBe(200);
    const admission = '/apis/admissionregistration.k8s.io/v1';
    await change(`${admission}/validatingadmissionpolicybindings/tenants-are-written-by-deploys.tenantry.dev`, {
      spec: { validationActions: ['Audit'] },
    });
    await change('/apis/rbac.authorization.k8s.io/v1/clusterroles/tenantry-planner', {
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    });
    await change('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev', {
      spec: { names: { kind: 'Tenant', listKind: 'TenantList', plural: 'tenants', singular: 'occupant' } },
    });
    const found = await ask(admin);
    expect(found['Admission policies']).toEqual([
      'not done',
      'the ValidatingAdmissionPolicyBinding tenants-are-written-by-deploys.tenantry.dev is not that of this checkout',
    ]);
    expect(found['Access rights']).toEqual([
      'not done',
      'the ClusterRole tenantry-planner is not that of this checkout',
    ]);
    expect(found['Tenant definition']).toEqual([
      'not done',
      'the CustomResourceDefinition tenants.tenantry.dev is not that of this checkout',
    ]);
  });

  test('does not know what it may not see', async () => {
    const found = await ask(nobody);
    expect(found.Cluster?.[0]).toBe('done');
    for (const step of [
      'Tenant definition',
      'Admission policies',
      'Access rights',
      'Operator',
      "Operator's database",
    ]) {
      expect(found[step]).toEqual(['not known', expect.stringContaining('it refuses (403)')]);
    }
  });
});

describe('where the cluster does not answer as one', () => {
  let server: Server;
  let answer = '';
  beforeAll(async () => {
    server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server?.close());

  test.each(['', 'null', '[]', '<html>', '{"groups": 1}', '{"groups": [{}]}'])(
    'no step is known to be done: %j',
    async (text) => {
      answer = text;
      const { port } = server.address() as AddressInfo;
      const found = await ask({
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 'secret' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'c',
      });
      const outcomes = Object.values(found).map(([outcome]) => outcome);
      expect(outcomes).not.toContain('done');
    },
  );
});
