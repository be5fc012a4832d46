import { type SpecFields, specFields } from '../tenant/fields';

/** A Tenant of a plan, taken apart so that two of them can be compared. */
export interface TenantFields extends SpecFields {
  readonly name: string;
}

interface Manifest {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown } | null;
  readonly spec?: unknown;
}

/** Whether a Kubernetes object is a Tenant. */
export function isTenant(object: unknown): object is Manifest {
  const { apiVersion, kind } = (object ?? {}) as Manifest;
  return kind === 'Tenant' && String(apiVersion).startsWith('tenantry.dev/');
}

/** Reads a Tenant, be it a manifest of ours or the object that a provider read; some providers fill in a null for every field there is. */
export function tenantFields(object: unknown): TenantFields | undefined {
  return isTenant(object) ? { name: String(object.metadata?.name), ...specFields(object.spec) } : undefined;
}
