import type { Tenant } from '../config/tenant';
import { plainText } from '../text/harmless';
import type { Divergence } from './divergence';
import type { LiveTenant } from './live-tenant';

/** Tenants without a file that were deleted, and are still there: somebody's finalizer holds them. */
export function leaving(tenants: readonly Tenant[], live: readonly LiveTenant[]): Divergence[] {
  const names = new Set(tenants.map(({ name }) => name));
  return live
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined && !names.has(metadata.name))
    .map((one) => ({ tenant: one.metadata.name, message: `is still ${beingDeleted(one)}` }));
}

/** Since when a Tenant is being deleted, and what keeps it. */
export function beingDeleted({ metadata: { name, deletionTimestamp, finalizers = [] } }: LiveTenant): string {
  const held = plainText(finalizers.join(', ')) || 'nothing that it names';
  return `being deleted, since ${plainText(deletionTimestamp ?? '', 40)}; held by ${held}. Look at whoever sets that: kubectl get tenant ${name} -o yaml`;
}
