import type { ImageSet } from '../lib/images/image-set';
import { commitOf, shortCommit } from '../lib/images/pinned-image';
import { short, table } from './table';

/** The images of a run, for people. */
export function imagesTable({ images }: ImageSet): string {
  const cells = images.map((image) => [
    image.service,
    image.release,
    shortCommit(commitOf(image)),
    short(image.digest),
    image.pushedAt ?? '',
    String(image.tenants.length || ''),
  ]);
  return table(['SERVICE', 'RELEASE', 'COMMIT', 'DIGEST', 'PUSHED', 'TENANTS'], cells);
}
