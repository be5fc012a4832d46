import { imageService } from '../config/image-service';
import { podsOf } from '../config/pods';
import type { Tenant } from '../config/tenant';
import { runsPods } from '../tenant/runs-pods';
import { ImageSet } from './image-set';
import { OPERATOR } from './request';

/**
 * What tenants that have converged prove: the images of which they run pods, and the operator's. A tenant that is suspended or decommissioned, or
 * has no pod of a service, has converged as well; it tried nothing.
 */
export function provedImages(images: ImageSet, tenants: readonly Tenant[]): ImageSet {
  const running = tenants.filter(({ suspend, decommission }) => !suspend && !decommission);
  const proved = images.images.map((image) => {
    const runIt = running.filter(({ services }) =>
      services.some(
        (service) =>
          imageService(service) === image.service &&
          runsPods({ replicas: podsOf(service).replicas, schedule: service.schedule ?? '' }),
      ),
    );
    const names = new Set(runIt.map(({ name }) => name));
    return { ...image, tenants: image.tenants.filter((name) => names.has(name)) };
  });
  const isProved = ({ service, tenants: by }: (typeof proved)[number]) => service === OPERATOR || by.length > 0;
  return new ImageSet(images.registry, proved.filter(isProved));
}
