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
import { until } from '../until';

const folder = mkdtempSync(join(tmpdir(), 'tenantry-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ADD_ONS = [
  ['cert-manager.io', 'ClusterIssuer'],
  ['external-secrets.io', 'ClusterSecretStore'],
] as const;

/** Of a kind that has anything in it. */
function definitionOf(group: string, kind: string) {
  const plural = `${kind.toLowerCase()}s`;
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

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
      secretStore: { name: 'aws', path: 'acme/{tenant}/{service}' },
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

  test('finds an issuer and a store that are not there, or not ready, though the cluster knows their kinds', async () => {
    const named = {
      secretStore: { name: 'aws', path: 'acme/{tenant}/{service}' },
      ingress: { ...PLATFORM.ingress, issuer: 'letsencrypt' },
    };
    for (const [group, kind] of ADD_ONS) {
      await cluster.made(definitionOf(group, kind));
      const path = `/apis/${group}/v1/${kind.toLowerCase()}s`;
      await until(`there is the kind ${kind}`, async () => {
        return (await cluster.request(ADMINISTRATOR, 'GET', path)).status === 200;
      });
    }
    const missing = await ask(admin, named);
    expect(missing['cert-manager']).toEqual([
      'not done',
      'there is no ClusterIssuer letsencrypt of cert-manager.io/v1: make it, or name in "ingress.issuer" of the platform file one that kubectl get clusterissuers.cert-manager.io shows',
    ]);
    expect(missing['External Secrets']).toEqual([
      'not done',
      'there is no ClusterSecretStore aws of external-secrets.io/v1: make it, or name in "secretStore.name" of the platform file one that kubectl get clustersecretstores.external-secrets.io shows',
    ]);
    // One in each tenant's namespace is for the tenants to miss.
    const ofTenants = { secretStore: { ...named.secretStore, kind: 'SecretStore' as const } };
    expect((await ask(admin, ofTenants))['External Secrets']).toEqual(['done', '']);

    const names = { ClusterIssuer: 'letsencrypt', ClusterSecretStore: 'aws' };
    for (const [group, kind] of ADD_ONS) {
      await cluster.made({ apiVersion: `${group}/v1`, kind, metadata: { name: names[kind] } });
    }
    expect((await ask(admin, named))['cert-manager']).toEqual([
      'not done',
      'the ClusterIssuer letsencrypt is not ready (nobody has looked at it yet): kubectl describe clusterissuers.cert-manager.io letsencrypt',
    ]);
    const say = async (status: 'True' | 'False', message: string) => {
      for (const [group, kind] of ADD_ONS) {
        const path = `/apis/${group}/v1/${kind.toLowerCase()}s/${names[kind]}`;
        const body = { status: { conditions: [{ type: 'Ready', status, message }] } };
        expect((await cluster.request(ADMINISTRATOR, 'PATCH', path, { body })).status).toBe(200);
      }
    };
    await say('False', 'could not get provider client');
    expect((await ask(admin, named))['External Secrets']).toEqual([
      'not done',
      'the ClusterSecretStore aws is not ready (could not get provider client): kubectl describe clustersecretstores.external-secrets.io aws',
    ]);
    await say('True', 'store validated');
    const found = await ask(admin, named);
    expect([found['cert-manager'], found['External Secrets']]).toEqual([
      ['done', ''],
      ['done', ''],
    ]);
    expect((await ask(nobody, named))['cert-manager']).toEqual([
      'not known',
      expect.stringContaining('it refuses (403)'),
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
