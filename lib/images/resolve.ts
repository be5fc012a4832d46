import pLimit from 'p-limit';
import type { Registry } from '../config/platform';
import { ImageProblem, UnresolvedImages } from './image-problem';
import { ImageSet } from './image-set';
import type { PinnedImage } from './pinned-image';
import type { ImageRequest } from './request';
import type { ImageSource } from './source';

/** ECR publishes no quota for DescribeImages; eight at a time is fast, and far from what throttles. */
const CONCURRENCY = 8;

/** What came of asking for images: those that are there, and why the others are not. */
export interface ImageAnswers {
  readonly images: readonly PinnedImage[];
  /** In the order of the requests. */
  readonly problems: readonly ImageProblem[];
}

/** Asks the source for every request once, and takes what it gets. */
export async function askForImages(requests: readonly ImageRequest[], source: ImageSource): Promise<ImageAnswers> {
  const limit = pLimit(CONCURRENCY);
  const answers = await Promise.all(
    requests.map((request) =>
      limit(() =>
        source.resolve(request).catch((error: unknown) => {
          if (error instanceof ImageProblem) return error;
          throw error;
        }),
      ),
    ),
  );
  return {
    images: answers.flatMap((answer) => (answer instanceof ImageProblem ? [] : answer)),
    problems: answers.filter((answer) => answer instanceof ImageProblem),
  };
}

/**
 * Asks the source for every request once.
 *
 * @throws UnresolvedImages with every problem when a single one can't be answered: a run deploys all or nothing.
 */
export async function resolveImages(
  requests: readonly ImageRequest[],
  source: ImageSource,
  registry: Registry,
): Promise<ImageSet> {
  const { images, problems } = await askForImages(requests, source);
  if (problems.length > 0) throw new UnresolvedImages(problems, requests.length);
  return new ImageSet(registry, images);
}
