import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import type { LiveTenant } from './live-tenant';

/** One way in which a live tenant is not what a run gave it. */
export interface Divergence {
  readonly tenant: string;
  /** Absent where the tenant itself is not there. */
  readonly service?: string;
  readonly message: string;
}

/** What of `tenants` is not live with the digests of `images`; empty when all of it is. */
export function divergences(tenants: readonly Tenant[], images: ImageSet, live: readonly LiveTenant[]): Divergence[] {
  const byName = new Map(live.map((tenant) => [tenant.metadata.name, tenant]));
  return tenants.flatMap(({ name: tenant, services }): Divergence[] => {
    const found = byName.get(tenant);
    if (!found) return [{ tenant, message: 'is not in the cluster' }];
    return services.flatMap(({ name: service }) => {
      const wanted = images.reference(images.findImage(tenant, service));
      const running = found.spec.services.find(({ name }) => name === service)?.image;
      if (running === wanted) return [];
      return [{ tenant, service, message: `is on ${running ?? 'nothing'}, and this run deploys ${wanted}` }];
    });
  });
}
