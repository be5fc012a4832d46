import { releaseTag } from '../../lib/config/release';
import { type ImageProblem, UnresolvedImages } from '../../lib/images/image-problem';
import type { ImageSet } from '../../lib/images/image-set';
import type { ImageRequest } from '../../lib/images/request';
import { resolveImages } from '../../lib/images/resolve';
import type { ImageSource } from '../../lib/images/source';
import { REGISTRY } from './local-ecr';

export const RELEASE = 'releases/0.0.2';

/** A request for a service's image, in the repository `acme/<service>`. */
export function imageRequest(
  service: string,
  { release = RELEASE, tenants = ['globex'] }: { release?: string; tenants?: readonly string[] } = {},
): ImageRequest {
  return { service, release, repository: `acme/${service}`, tag: releaseTag(release), tenants };
}

export function resolved(source: ImageSource, ...requests: readonly ImageRequest[]): Promise<ImageSet> {
  return resolveImages(requests, source, REGISTRY);
}

/** The error with which a source refuses requests. */
export async function refusal(source: ImageSource, ...requests: readonly ImageRequest[]): Promise<UnresolvedImages> {
  try {
    await resolved(source, ...requests);
  } catch (error) {
    if (error instanceof UnresolvedImages) return error;
    throw error;
  }
  throw new Error('every image was resolved');
}

/** The one problem of one request. */
export async function problem(source: ImageSource, request: ImageRequest): Promise<ImageProblem> {
  const { problems } = await refusal(source, request);
  const [first] = problems;
  if (!first || problems.length !== 1) throw new Error(`${problems.length} problems instead of one`);
  return first;
}
