import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import type { LiveTenant } from './live-tenant';

/** One way in which what is live is not what a run gave. */
export interface Divergence {
  readonly tenant: string;
  /** Absent where it is about the tenant itself. */
  readonly service?: string;
  readonly message: string;
}

/** What of `tenants` is not live with exactly the digests of `images`; empty when all of it is. */
export function divergences(tenants: readonly Tenant[], images: ImageSet, live: readonly LiveTenant[]): Divergence[] {
  const byName = new Map(live.map((tenant) => [tenant.metadata.name, tenant]));
  return tenants.flatMap(({ name: tenant, services }): Divergence[] => {
    const found = byName.get(tenant);
    if (!found) return [{ tenant, message: 'is not in the cluster' }];
    const differing = services.flatMap(({ name: service }): Divergence[] => {
      const wanted = images.reference(images.findImage(tenant, service));
      const running = found.spec.services.find(({ name }) => name === service)?.image;
      if (running === wanted) return [];
      return [{ tenant, service, message: `is on ${running ?? 'nothing'}, and this run deploys ${wanted}` }];
    });
    const left = found.spec.services.filter(({ name }) => !services.some((service) => service.name === name));
    const message = 'is still there, and this run does not deploy it';
    return [...differing, ...left.map(({ name: service }): Divergence => ({ tenant, service, message }))];
  });
}

/** Tenants that are live and in use, and have no file: nobody asked for them, and nobody decommissioned them. */
export function strays(tenants: readonly Tenant[], live: readonly LiveTenant[]): Divergence[] {
  const names = new Set(tenants.map(({ name }) => name));
  return live
    .filter(({ metadata, spec }) => !names.has(metadata.name) && !spec.decommission)
    .map(({ metadata: { name } }) => ({
      tenant: name,
      message: `is in use and has no file. Bring tenants/${name}.yaml back; to delete the tenant, set decommission: true there, deploy, then remove the file`,
    }));
}
