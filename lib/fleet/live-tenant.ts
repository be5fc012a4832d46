import type { Cluster } from '../config/platform';
import type { TenantSpec } from '../stacks/tenant-manifest';
import { readTenants } from './read-tenants';

/** A Tenant as the cluster has it. Shape and meaning: `operator/deploy/crd.yaml`. */
export interface LiveTenant {
  readonly metadata: {
    readonly name: string;
    readonly generation: number;
    /** ISO 8601, UTC. */
    readonly creationTimestamp: string;
    /** ISO 8601, UTC: since when it is being deleted. It is there until nobody's finalizer is left on it. */
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly spec: TenantSpec;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly services?: readonly ObservedService[];
  };
}

/** What one field manager wrote of an object, as the API server records it. */
export interface ManagedFields {
  readonly manager?: string;
  /** ISO 8601, UTC: when the manager last changed, added or gave up one of its fields. */
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: object;
}

/** What the operator saw of a service. */
export interface ObservedService {
  readonly name: string;
  /** What every pod runs, or ran before a rollout that still goes on; absent before the first is done. */
  readonly image?: string;
  readonly commit?: string;
  readonly release?: string;
  /** Pods that are ready on the image that is asked for, and pods that are asked for. */
  readonly readyReplicas?: number;
  readonly replicas?: number;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly lastTransitionTime?: string;
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
