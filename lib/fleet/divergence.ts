import { imageService } from '../config/image-service';
import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { commitOf, parseReference } from '../images/pinned-image';
import type { LiveTenant } from './live-tenant';

/** One way in which what is live is not what a run gave. */
export interface Divergence {
  readonly tenant: string;
  /** Absent where it is about the tenant itself. */
  readonly service?: string;
  readonly message: string;
}

/** What of a live Tenant is not exactly the images of a run; empty when all of it is. */
export function divergences({ name: tenant, services }: Tenant, images: ImageSet, { spec }: LiveTenant): Divergence[] {
  const differing = services.flatMap((one): Divergence[] => {
    const service = one.name;
    const image = images.findImage(tenant, imageService(one));
    const running = spec.services.find(({ name }) => name === service);
    const wanted = images.reference(image);
    if (running?.image === wanted) return [];
    const is = running ? `commit ${shortImage(running.commit, running.image)}` : 'nothing';
    return [
      { tenant, service, message: `is on ${is}, and this run deploys commit ${shortImage(commitOf(image), wanted)}` },
    ];
  });
  const left = spec.services.filter(({ name }) => !services.some((service) => service.name === name));
  const message = 'is still there, and this run does not deploy it';
  return [...differing, ...left.map(({ name: service }): Divergence => ({ tenant, service, message }))];
}

/** As much of an image as tells two apart. */
function shortImage(commit: string, reference: string): string {
  const { repository, digest } = parseReference(reference);
  return `${commit.slice(0, 7)} (${repository}@${digest.slice(0, 19)})`;
}

/** Tenants that are live and in use, and have no file: nobody asked for them, and nobody decommissioned them. */
export function strays(tenants: readonly Tenant[], live: readonly LiveTenant[]): Divergence[] {
  const names = new Set(tenants.map(({ name }) => name));
  return live
    .filter(({ metadata, spec }) => !names.has(metadata.name) && !spec.decommission)
    .map(({ metadata: { name } }) => ({
      tenant: name,
      message: `is in use and has no file. Bring ${name}.yaml back; to delete the tenant, set decommission: true there, deploy, then remove the file`,
    }));
}
