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
