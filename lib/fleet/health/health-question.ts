import { imageServiceOf } from '../../config/image-service';
import type { Tenant } from '../../config/tenant';
import type { ImageSet } from '../../images/image-set';
import type { TenantServiceSpec } from '../../tenant/spec';
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

/** What to ask of a tenant whose Tenant is as it should be, at the host that this has. */
export function healthQuestions(tenant: Tenant, images: ImageSet, live: LiveTenant): HealthQuestion[] {
  return questionsTo(live, ({ name }) => images.findImage(tenant.name, imageServiceOf(name, tenant.services)));
}

/**
 * What to ask of a tenant as it is live: every service with a path at its host that answers for its health and runs at all. Nothing of a tenant
 * that is decommissioned or suspended, which answers nowhere.
 *
 * @param imageOf - what a service is to run.
 */
export function questionsTo(
  { metadata: { name: tenant }, spec }: LiveTenant,
  imageOf: (service: TenantServiceSpec) => Pick<HealthQuestion, 'digest' | 'commits'>,
): HealthQuestion[] {
  if (spec.decommission || spec.suspend) return [];
  return spec.services.flatMap((service) => {
    const { path, healthPath, replicas } = service;
    if (!path || !healthPath || replicas === 0) return [];
    const { digest, commits } = imageOf(service);
    return [{ tenant, service: service.name, host: spec.host, path: healthPath, digest, commits }];
  });
}

/** As a person would type it. */
export function healthUrl({ host, path }: HealthQuestion): string {
  return `https://${host}${path}`;
}
