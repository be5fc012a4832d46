import type { Platform } from '../config/platform';
import { releaseTag } from '../config/release';
import type { Tenant } from '../config/tenant';

/** The operator is no tenant's service, but its image is resolved and pinned like any other. */
export const OPERATOR = 'operator';

/** What must be resolved: the image of one service in one release, asked once however many tenants need it. */
export interface ImageRequest {
  readonly service: string;
  readonly release: string;
  /** ECR repository and tag that `release` comes to. */
  readonly repository: string;
  readonly tag: string;
  /** Tenants that run it, sorted; none for the operator. */
  readonly tenants: readonly string[];
}

/** Every image that a run needs, each once, sorted by service and release; the operator's with them. */
export function imageRequests(platform: Platform, tenants: readonly Tenant[]): ImageRequest[] {
  const { repository, release } = platform.operator;
  const wanted = new Map<string, ImageRequest & { tenants: string[] }>();
  wanted.set(OPERATOR, { service: OPERATOR, release, repository, tag: releaseTag(release), tenants: [] });
  for (const tenant of tenants) {
    for (const { name: service, image, release, repository } of tenant.services) {
      // One that runs the image of another has its release too: the other one asks for it.
      if (image !== undefined) continue;
      const key = `${service} ${release}`;
      const request = wanted.get(key) ?? { service, release, repository, tag: releaseTag(release), tenants: [] };
      request.tenants.push(tenant.name);
      wanted.set(key, request);
    }
  }
  return [...wanted.values()].sort(byServiceAndRelease);
}

export function byServiceAndRelease(
  a: { readonly service: string; readonly release: string },
  b: { readonly service: string; readonly release: string },
): number {
  return compare(a.service, b.service) || compare(a.release, b.release);
}

/** By code points: the same order on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
