import type { Cluster } from '../config/platform';
import type { TenantSpec } from '../stacks/tenant-manifest';
import { readCluster } from './read-cluster';

/** A Tenant as the cluster has it. Shape and meaning: `operator/deploy/crd.yaml`. */
export interface LiveTenant {
  readonly metadata: {
    readonly name: string;
    readonly generation: number;
    /** ISO 8601, UTC. */
    readonly creationTimestamp: string;
  };
  readonly spec: TenantSpec;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * All Tenants of a cluster, sorted by name, by one list call. None where the Tenant definition is not installed yet.
 *
 * @throws ClusterUnreadable when the cluster does not answer, or refuses.
 */
export async function listTenants(cluster: Cluster): Promise<LiveTenant[]> {
  const list = await readCluster(cluster, 'the Tenants', ({ customObjects }) =>
    customObjects.listClusterCustomObject({ group: 'tenantry.dev', version: 'v1', plural: 'tenants' }),
  );
  const { items } = (list ?? { items: [] }) as { items: LiveTenant[] };
  return items.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
