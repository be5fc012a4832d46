import type { TenantSpec } from '../tenant/spec';
import type { TenantStatus } from '../tenant/status';

/** A Tenant as the cluster has it. Shape and meaning of spec and status: `lib/tenant`. */
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
  readonly status?: TenantStatus;
}

/** What one field manager wrote of an object, as the API server records it. */
export interface ManagedFields {
  readonly manager?: string;
  /** ISO 8601, UTC: when the manager last changed, added or gave up one of its fields. */
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: object;
}
