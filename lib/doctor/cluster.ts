import { z } from 'zod';
import type { Cluster, Platform } from '../config/platform';
import { typedCommand } from '../config/typed-command';
import { secretStoreOf } from '../config/written-secret-store';
import { apiGroups } from '../fleet/api-groups';
import type { ClusterClient } from '../fleet/cluster-client';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import { readCluster } from '../fleet/read-cluster';
import { holds } from './holds';
import type { Finding, Step } from './step';

export interface ClusterSystem {
  readonly platform: Platform;
  /** The objects of `operator/deploy` in this checkout. */
  readonly manifests: readonly KubernetesObject[];
  /** Whether the platform is that of `npm start`. */
  readonly local: boolean;
}

const NAMESPACE = 'tenantry-system';
const DATABASE = 'tenantry-database';

const operator = () => `as a cluster administrator: ${typedCommand('npx cdktf deploy operator')}`;
const isPolicy = ({ kind }: KubernetesObject) => kind.startsWith('ValidatingAdmissionPolicy') || kind === 'PodTemplate';
const isDefinition = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition';
const isDeployment = ({ kind }: KubernetesObject) => kind === 'Deployment';

export const CLUSTER: readonly Step<ClusterSystem>[] = [
  {
    name: 'Cluster',
    how: () => 'a Kubernetes of 1.30 or later, named in the platform file, and credentials for it',
    async *ask({ platform: { cluster } }) {
      // A policy of admission is what everything else rests on.
      const groups = await readCluster(cluster, 'the API groups', apiGroups);
      if (!groups?.has('admissionregistration.k8s.io')) yield { flaw: 'it has no admission policies' };
    },
  },
  {
    name: 'Tenant definition',
    how: operator,
    ask: ({ platform, manifests }) => objectFindings(platform, manifests.filter(isDefinition)),
  },
  {
    name: 'Admission policies',
    how: operator,
    ask: ({ platform, manifests }) => objectFindings(platform, manifests.filter(isPolicy)),
  },
  {
    name: 'Access rights',
    how: operator,
    ask: ({ platform, manifests }) =>
      objectFindings(
        platform,
        manifests.filter((one) => !isPolicy(one) && !isDefinition(one) && !isDeployment(one)),
      ),
  },
  {
    name: 'Operator',
    how: operator,
    async *ask({ platform, manifests }) {
      for (const { manifest, live } of await liveObjects(platform, manifests.filter(isDeployment))) {
        const { name } = manifest.metadata;
        if (live === undefined) yield { flaw: `there is no Deployment ${name} in ${NAMESPACE}` };
        else if ((deployment.safeParse(live).data?.status?.availableReplicas ?? 0) < 1) {
          yield { flaw: `none of its pods is ready: kubectl --namespace ${NAMESPACE} describe deployment ${name}` };
        }
      }
    },
  },
  {
    name: "Operator's database",
    how: () =>
      `as a cluster administrator: kubectl --namespace ${NAMESPACE} create secret generic ${DATABASE} --from-literal=url=postgresql://user:password@host:5432/postgres`,
    notHere: ({ local }) => (local ? 'the operator of the local platform is told its database otherwise' : undefined),
    async *ask({ platform: { cluster, database } }) {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: DATABASE, namespace: NAMESPACE } };
      const found = await readCluster(cluster, `the Secret ${DATABASE}`, (client) => read(client, secret));
      if (found === undefined) yield { flaw: `there is no Secret ${DATABASE} in ${NAMESPACE}` };
      else {
        const { data = {} } = withData.parse(found);
        const wanted = ['url', ...(database?.servers ?? []).map((name) => `${name}.url`)];
        for (const key of wanted.filter((one) => !data[one]))
          yield { flaw: `the Secret ${DATABASE} has no key "${key}"` };
      }
    },
  },
  {
    name: 'External Secrets',
    how: () => 'https://external-secrets.io/latest/introduction/getting-started/',
    notHere: ({ platform }) =>
      platform.secretStore === undefined ? 'the platform file names no "secretStore"' : undefined,
    ask: ({ platform: { cluster, secretStore } }) => {
      const { kind, name } = secretStoreOf(secretStore);
      // One of this name in the namespace of each tenant is missed by the tenants, each of which says so.
      const store = kind === 'ClusterSecretStore' ? { kind, name, field: 'secretStore.name' } : undefined;
      return addOnFindings(cluster, 'external-secrets.io', store);
    },
  },
  {
    name: 'cert-manager',
    how: () => 'https://cert-manager.io/docs/installation/',
    notHere: ({ platform }) =>
      platform.ingress.issuer === '' ? 'the platform file names no "issuer" under "ingress"' : undefined,
    ask: ({ platform: { cluster, ingress } }) =>
      addOnFindings(cluster, 'cert-manager.io', {
        kind: 'ClusterIssuer',
        name: ingress.issuer,
        field: 'ingress.issuer',
      }),
  },
];

const deployment = z.object({ status: z.object({ availableReplicas: z.number().optional() }).optional() });
const withData = z.object({ data: z.record(z.string(), z.string()).optional() });

/** As cert-manager and External Secrets have it of an issuer and of a store. */
const withConditions = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })),
  }),
});

/** Of what is no part of Kubernetes: whether the cluster knows its kinds, and has the object that the platform file names, which works. */
async function* addOnFindings(
  cluster: Cluster,
  group: string,
  named: { readonly kind: string; readonly name: string; readonly field: string } | undefined,
): AsyncGenerator<Finding> {
  const groups = await readCluster(cluster, 'the API groups', apiGroups);
  if (!groups?.has(group)) {
    yield { flaw: `the cluster does not know ${group}` };
    return;
  }
  if (named === undefined) return;
  const { kind, name, field } = named;
  const object = { apiVersion: `${group}/v1`, kind, metadata: { name } };
  const found = await readCluster(cluster, `the ${kind} ${name}`, (client) => read(client, object));
  const plural = `${kind.toLowerCase()}s.${group}`;
  if (found === undefined) {
    yield {
      flaw: `there is no ${kind} ${name} of ${group}/v1: make it, or name in "${field}" of the platform file one that kubectl get ${plural} shows`,
    };
    return;
  }
  const ready = withConditions.safeParse(found).data?.status.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return;
  const why = ready?.message ?? 'nobody has looked at it yet';
  yield { flaw: `the ${kind} ${name} is not ready (${why}): kubectl describe ${plural} ${name}` };
}

async function* objectFindings(platform: Platform, manifests: readonly KubernetesObject[]): AsyncGenerator<Finding> {
  for (const { manifest, live } of await liveObjects(platform, manifests)) {
    const named = `${manifest.kind} ${manifest.metadata.name}`;
    if (live === undefined) yield { flaw: `there is no ${named}` };
    // Of the kinds without a group only whether they are there: the operator's image stands in one of them.
    else if (manifest.apiVersion.includes('/') && !holds(live, manifest)) {
      yield { flaw: `the ${named} is not that of this checkout` };
    }
  }
}

/** Each with what the cluster has in its place, as the API gives it. */
async function liveObjects({ cluster }: Platform, manifests: readonly KubernetesObject[]) {
  const found = await readCluster(cluster, "the operator's objects", async (client) => {
    // Asked before, since from here on a 404 says that there is no such object.
    await apiGroups(client);
    return Promise.all(manifests.map(async (manifest) => ({ manifest, live: await read(client, manifest) })));
  });
  return found ?? [];
}

/** Raw where it can be: the client's own classes have fields by other names than the API. */
async function read(
  { customObjects, objects }: ClusterClient,
  { apiVersion, kind, metadata: { name, namespace } }: KubernetesObject,
): Promise<unknown> {
  const [group, version] = apiVersion.split('/');
  const plural = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
  try {
    if (group === undefined || version === undefined) {
      return await objects.read({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } });
    }
    const which = { group, version, plural, name };
    return await (namespace === undefined
      ? customObjects.getClusterCustomObject(which)
      : customObjects.getNamespacedCustomObject({ ...which, namespace }));
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return undefined;
    throw error;
  }
}
