import { ExplainedError } from '../text/explained-error';
import type { EcrSource } from './ecr';
import { ImageProblem } from './image-problem';
import { ImageSet } from './image-set';
import { showing } from './live-commits';
import { commitOf, isCommit, type PinnedImage, sameImage } from './pinned-image';
import { byServiceAndRelease, type ImageRequest } from './request';

/** As few digits as git itself shows of a commit. */
const DIGITS = /^[0-9a-f]{7,40}$/;

/** One service taken to one commit, for some tenants: how a single service is rolled back. */
export interface Pin {
  readonly service: string;
  /** Full git SHA, or its first digits: seven at least. */
  readonly commit: string;
  /** Who gets it; none for the operator. */
  readonly tenants: readonly string[];
}

/** Thrown when a service can't be pinned to the commit that was asked for. Carries every reason. */
export class PinRefused extends ExplainedError {
  override readonly name = 'PinRefused';

  constructor(readonly reasons: readonly string[]) {
    super(['nothing was frozen:', ...reasons.map((reason) => `  ${reason}`)].join('\n'));
  }
}

/**
 * `images` with these services pinned to these commits, looked up in ECR; whatever else a tenant runs stays.
 *
 * @throws PinRefused when there is no such image, or more than one.
 */
export async function pinCommits(images: ImageSet, pins: readonly Pin[], ecr: EcrSource): Promise<ImageSet> {
  const reasons: string[] = [];
  let pinned = images;
  for (const pin of pins) {
    try {
      pinned = withPinned(pinned, pin, await find(images, pin, ecr));
    } catch (error) {
      if (!(error instanceof ImageProblem)) throw error;
      reasons.push(`${pin.service} ${pin.commit}: ${error.message}`);
    }
  }
  if (reasons.length > 0) throw new PinRefused(reasons);
  return pinned;
}

async function find(images: ImageSet, { service, commit }: Pin, ecr: EcrSource): Promise<PinnedImage> {
  const [any] = images.images.filter((image) => image.service === service);
  if (!any) throw new Error(`the image set has no image of ${service}`);
  const request: ImageRequest = { ...any, tenants: [] };
  const refuse = (message: string) => new ImageProblem(request, 'missing-image', message);
  if (!DIGITS.test(commit))
    throw refuse('this is no commit: give the 40 digits of a git SHA in lower case, or at least the first 7.');
  const full = isCommit(commit) ? commit : await complete(commit, request, ecr);
  try {
    const [image] = await ecr.resolve({ ...request, tag: full });
    return showing(full, image as PinnedImage);
  } catch (error) {
    if (!(error instanceof ImageProblem) || error.kind !== 'missing-image') throw error;
    throw refuse(`ECR has no image of this commit in ${any.repository}. Its image may never have been pushed.`);
  }
}

async function complete(digits: string, request: ImageRequest, ecr: EcrSource): Promise<string> {
  const refuse = (message: string) => new ImageProblem(request, 'missing-image', message);
  const commits = await ecr.commitsBeginning(digits, request);
  if (!commits)
    throw refuse(
      `${request.repository} has too many images to find a commit by its first digits. Give all 40: git rev-parse ${digits}`,
    );
  const [only, ...others] = commits;
  if (!only)
    throw refuse(`ECR has no image of such a commit in ${request.repository}. Its image may never have been pushed.`);
  if (others.length > 0) throw refuse(`several commits begin so: ${commits.join(', ')}. Give more digits.`);
  return only;
}

/** `images`, in which the tenants of `pin` have `image`. Each keeps its release, by which a lock is asked. */
export function withPinned(
  images: ImageSet,
  { service, tenants }: Pick<Pin, 'service' | 'tenants'>,
  { repository, digest, commits, pushedAt, mediaType }: PinnedImage,
): ImageSet {
  const found = { repository, digest, commits, ...(pushedAt && { pushedAt }), ...(mediaType && { mediaType }) };
  const split = images.images.flatMap((one): PinnedImage[] => {
    if (one.service !== service) return [one];
    const { release, tag } = one;
    const pinned = { service, release, tag, ...found };
    if (one.tenants.length === 0) return [{ ...pinned, tenants: [] }];
    const taken = one.tenants.filter((tenant) => tenants.includes(tenant));
    const left = one.tenants.filter((tenant) => !tenants.includes(tenant));
    return [
      ...(taken.length > 0 ? [{ ...pinned, tenants: taken }] : []),
      ...(left.length > 0 ? [{ ...one, tenants: left }] : []),
    ];
  });
  return new ImageSet(images.registry, merged(split));
}

/** One entry for what is one image of one release. */
function merged(images: readonly PinnedImage[]): PinnedImage[] {
  const entries: PinnedImage[] = [];
  for (const image of images) {
    const index = entries.findIndex(
      (entry) =>
        byServiceAndRelease(entry, image) === 0 && sameImage(entry, image) && commitOf(entry) === commitOf(image),
    );
    const entry = entries[index];
    if (entry) entries[index] = { ...entry, tenants: [...entry.tenants, ...image.tenants].sort() };
    else entries.push(image);
  }
  return entries;
}
