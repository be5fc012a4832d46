import { imageService } from '../config/image-service';
import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';

/**
 * Whether these images have one for a tenant that no tenant of the rings before its own is to run: a person pinned it there. The operator
 * would hold it for ever, since nobody proves it; who chose it said that it may go.
 */
export function isChosenAlone(tenant: Tenant, tenants: readonly Tenant[], images: ImageSet): boolean {
  const rings = tenant.rollout.after.map(({ ring }) => ring);
  if (rings.length === 0) return false;
  const earlier = tenants.filter(
    ({ ring, suspend, decommission }) => rings.includes(ring) && !suspend && !decommission,
  );
  return tenant.services.map(imageService).some((name) => {
    const { digest } = images.findImage(tenant.name, name);
    return !earlier.some((one) => images.tryFindImage(one.name, name)?.digest === digest);
  });
}
