import type { KubeConfig } from '@kubernetes/client-node';
import type { Cluster } from '../config/platform';
import { apiGroups, NoKubernetesApi } from './api-groups';
import type { LiveTenant } from './live-tenant';
import { readCluster } from './read-cluster';

const GROUP = 'tenantry.dev';
const TENANTS = { group: GROUP, version: 'v1', plural: 'tenants' };

/** The Tenants of a cluster at one moment. */
export interface TenantList {
  /** How the cluster was reached. */
  readonly config: KubeConfig;
  /** What a watch goes on from. */
  readonly resourceVersion: string;
  readonly tenants: readonly LiveTenant[];
}

/**
 * All Tenants, by one list call; undefined where the Tenant definition is not installed yet.
 *
 * @throws ClusterUnreadable when the cluster does not answer, refuses, or is none.
 */
export function readTenants(cluster: Cluster): Promise<TenantList | undefined> {
  return readCluster(cluster, 'the Tenants', async (client) => {
    const list = await client.customObjects
      .listClusterCustomObject(TENANTS)
      .catch(async (error: { code?: unknown }) => {
        // A definition that is just being made, or a path that is wrong by a part: the cluster knows of Tenants, and gives none.
        if (error.code === 404 && (await apiGroups(client)).has(GROUP)) throw new HasTenants(error);
        throw error;
      });
    const { items, metadata } = list as { items?: LiveTenant[]; metadata?: { resourceVersion: string } };
    if (!Array.isArray(items)) throw new NoKubernetesApi('what it gives for the Tenants is no list');
    return { config: client.config, resourceVersion: metadata?.resourceVersion ?? '', tenants: items };
  });
}

/**
 * All Tenants of a cluster, sorted by name, by one list call. None where the Tenant definition is not installed yet.
 *
 * @throws ClusterUnreadable when the cluster does not answer, or refuses.
 */
export async function listTenants(cluster: Cluster): Promise<LiveTenant[]> {
  const list = await readTenants(cluster);
  return [...(list?.tenants ?? [])].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

class HasTenants extends Error {
  constructor(cause: unknown) {
    super(
      `it knows the group ${GROUP}, and answers 404 for its Tenants. Wait a moment if they were just defined, then try again`,
      {
        cause,
      },
    );
  }
}
