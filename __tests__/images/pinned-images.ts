import type { Platform } from '../../lib/config/platform';
import type { PinnedImage } from '../../lib/images/pinned-image';
import { imageRequest } from './image-requests';
import { commitNamed, digestOf, MANIFEST } from './local-ecr';

/** A service's image in `releases/0.0.2` that was built from the commit named `build`. */
export function pinnedImage(service: string, build: string, tenants: readonly string[] = ['globex']): PinnedImage {
  return {
    ...imageRequest(service, { tenants }),
    digest: digestOf(`${service} ${build}`),
    commits: [commitNamed(build)],
    pushedAt: '2026-11-22T06:00:00.000Z',
    mediaType: MANIFEST,
  };
}

/** The platform with the repositories that these images are in. */
export function inAcme(platform: Platform): Platform {
  return {
    ...platform,
    operator: { ...platform.operator, repository: 'acme/operator' },
    services: platform.services.map((service) => ({ ...service, repository: `acme/${service.name}` })),
  };
}
