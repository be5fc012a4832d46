import { type TenantFields, tenantFields } from './tenant-fields';
import type { PlannedResource } from './terraform-plan';

/** The two sides of a kubernetes_manifest: what was asked for, and what the cluster has. */
export function objectsOf(value: unknown): { readonly manifest?: unknown; readonly object?: unknown } {
  return typeof value === 'object' && value !== null ? value : {};
}

/** The manifest of a resource, new or old; undefined for what is no Kubernetes object. */
export function manifestOf({ before, after, type }: PlannedResource): unknown {
  if (type !== 'kubernetes_manifest') return undefined;
  const { manifest, object } = objectsOf(before);
  return objectsOf(after).manifest ?? manifest ?? object;
}

/** What the cluster has; the manifest of the last run where the provider did not say. */
export function liveTenant(before: unknown): TenantFields | undefined {
  const { manifest, object } = objectsOf(before);
  return tenantFields(object) ?? tenantFields(manifest);
}
