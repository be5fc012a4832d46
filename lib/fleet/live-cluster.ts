import type { Cluster } from '../config/platform';
import { existingObjects } from './existing-objects';
import type { KubernetesObject } from './kubernetes-object';
import type { LiveTenant } from './live-tenant';
import { listTenants } from './read-tenants';

/** What a cluster has of what the stacks would put there: a run adopts it, whatever Terraform's state says. */
export interface LiveCluster {
  readonly tenants: readonly LiveTenant[];
  /** The operator's. */
  readonly objects: readonly KubernetesObject[];
}

/** @throws ClusterUnreadable when the cluster does not answer, refuses, or is none. */
export async function readLiveCluster(cluster: Cluster, manifests: readonly KubernetesObject[]): Promise<LiveCluster> {
  const [tenants, objects] = await Promise.all([listTenants(cluster), existingObjects(cluster, manifests)]);
  return { tenants, objects };
}
