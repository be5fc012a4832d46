import type { Before, Platform } from '../config/platform';
import { ImageProblem } from './image-problem';
import { LiveSource, type RunningImage } from './live';
import { commitOf, type PinnedImage, registryHost, shortCommit } from './pinned-image';
import type { ImageRequest } from './request';
import type { ImageSource } from './source';

/** An image that this environment does not take yet. */
export interface HeldImage {
  readonly request: ImageRequest;
  /** Why not, after "since". */
  readonly because: string;
}

/**
 * The rule of rings, one level up: an environment takes the images on which every tenant of the one before it has converged. Where there is none, it
 * keeps those that it runs, and all else of it is reconciled.
 */
export class ConvergedSource implements ImageSource {
  readonly held: HeldImage[] = [];
  private readonly kept: ImageSource;

  /**
   * @param converged - all that the environment before has converged on; undefined where it has not, or nobody said.
   * @param ecr - of this environment's registry, which may be another one.
   * @param running - reads what this environment runs.
   */
  constructor(
    private readonly platform: Pick<Platform, 'registry'> & { readonly after: Before },
    private readonly converged: readonly PinnedImage[] | undefined,
    private readonly ecr: ImageSource,
    running: () => Promise<readonly RunningImage[]>,
  ) {
    this.kept = new LiveSource(running, { resolve: async (request) => Promise.reject(this.refuse(request)) });
  }

  async resolve(request: ImageRequest): Promise<PinnedImage[]> {
    const found = this.find(request);
    if (typeof found !== 'string') return this.lookUp(found, request);
    const kept = await this.kept.resolve(request);
    this.held.push({ request, because: found });
    return kept;
  }

  /** The image, or why there is none. */
  private find({ service, release }: ImageRequest): PinnedImage | string {
    const { file } = this.platform.after;
    if (!this.converged) return `this run was not told that every tenant of ${file} has converged`;
    const [first, ...others] = this.converged.filter((one) => one.service === service && one.release === release);
    if (!first) return `no tenant of ${file} runs it`;
    return others.every(({ digest }) => digest === first.digest)
      ? first
      : `tenants of ${file} run several images of it`;
  }

  /** The same image in this environment's registry, as it is now. By its commit, whose tag never moves. */
  private async lookUp({ digest, ...image }: PinnedImage, request: ImageRequest): Promise<PinnedImage[]> {
    const commit = commitOf({ digest, ...image });
    const where = registryHost(this.platform.registry);
    const { file } = this.platform.after;
    const found = await this.ecr.resolve({ ...request, tag: commit }).catch((error: unknown) => {
      if (!(error instanceof ImageProblem) || error.kind !== 'missing-image') throw error;
      throw new ImageProblem(
        request,
        'missing-image',
        `${file} has converged on commit ${shortCommit(commit)}, and ${where} does not have its image. If it is replicated from another registry, that may take minutes: run again.`,
        { cause: error },
      );
    });
    const other = found.find((one) => one.digest !== digest);
    if (other) {
      throw new ImageProblem(
        request,
        'not-converged',
        `${file} has converged on ${digest}, and in ${where} the tag of its commit ${commit} is another image, ${other.digest}. Replicate the image; do not build it twice.`,
      );
    }
    return found.map((one) => ({ ...one, tag: request.tag }));
  }

  private refuse(request: ImageRequest): ImageProblem {
    return new ImageProblem(
      request,
      'not-converged',
      `It may not be taken yet, since ${this.find(request)}, and nothing of it runs here that could be kept. ` +
        `Give a tenant of ${this.platform.after.file} the release ${request.release}; when all have converged there, the run takes it.`,
    );
  }
}

/** For people, a line for each reason. */
export function describeHeld(held: readonly HeldImage[]): string[] {
  const reasons = [...new Set(held.map(({ because }) => because))];
  return reasons.map((because) => {
    const which = held
      .filter((one) => one.because === because)
      .map(({ request }) => `${request.service} ${request.release}`);
    return `held: ${which.sort().join(', ')}: what runs here stays, since ${because}`;
  });
}
