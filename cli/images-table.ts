import type { ImageSet } from '../lib/images/image-set';
import { commitOf, shortCommit } from '../lib/images/pinned-image';
import { short, table } from './table';

/** The images of a run, for people; with the branch of which each was built, where that was proved. */
export function imagesTable({ images }: ImageSet): string {
  const proved = images.some(({ provenance }) => provenance);
  const cells = images.map((image) => [
    image.service,
    image.release,
    shortCommit(commitOf(image)),
    short(image.digest),
    ...(proved ? [image.provenance?.branch ?? 'unchecked'] : []),
    image.pushedAt ?? '',
    String(image.tenants.length || ''),
  ]);
  const branch = proved ? ['ATTESTED BRANCH'] : [];
  return table(['SERVICE', 'RELEASE', 'COMMIT', 'DIGEST', ...branch, 'PUSHED', 'TENANTS'], cells);
}
