import { imageServiceOf } from '../../config/image-service';
import type { Tenant } from '../../config/tenant';
import type { ImageSet } from '../../images/image-set';
import type { LiveTenant } from '../live-tenant';

/** One service of one tenant, to be asked for its health from outside. */
export interface HealthQuestion {
  readonly tenant: string;
  readonly service: string;
  readonly host: string;
  readonly path: string;
  /** The digest that it runs, and the commits that this digest was built from. */
  readonly digest: string;
  readonly commits: readonly string[];
}

/**
 * What to ask of a tenant whose Tenant is as it should be, at the host that this has: every service with a path there that answers for its
 * health and runs at all. Nothing of a tenant that is decommissioned or
 * suspended, which answers nowhere.
 */
export function healthQuestions(tenant: Tenant, images: ImageSet, { spec }: LiveTenant): HealthQuestion[] {
  if (spec.decommission || spec.suspend) return [];
  return spec.services.flatMap(({ name: service, path, healthPath, replicas }) => {
    if (!path || !healthPath || replicas === 0) return [];
    const { digest, commits } = images.findImage(tenant.name, imageServiceOf(service, tenant.services));
    return [{ tenant: tenant.name, service, host: spec.host, path: healthPath, digest, commits }];
  });
}

/** As a person would type it. */
export function healthUrl({ host, path }: HealthQuestion): string {
  return `https://${host}${path}`;
}
