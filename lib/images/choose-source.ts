import type { Platform } from '../config/platform';
import { ExplainedError } from '../text/explained-error';
import { shownPath } from '../text/shown-path';
import { ConvergedSource, describeHeld } from './converged';
import { EcrSource } from './ecr';
import { FROZEN_NOTICE } from './frozen-notice';
import { LiveSource, type RunningImage } from './live';
import { LiveCommits } from './live-commits';
import { lockedImages, readLock } from './lock';
import { registryHost } from './pinned-image';
import type { ImageSource } from './source';

export interface ChosenSource {
  readonly source: ImageSource;
  /** Where the images come from, for a person. */
  readonly description: string;
  /** Whether it is a lock: then a person chose these images on purpose. */
  readonly isLock: boolean;
  /** What a person is to know of the images once they are resolved. */
  readonly notices?: () => readonly string[];
}

/** Thrown when the run was told what another environment has converged on, and the platform file names none. */
export class NothingBefore extends ExplainedError {
  override readonly name = 'NothingBefore';
}

/**
 * The source that `IMAGES` names: `ecr`, `live`, or the path of a lock. Without it, the lock that freezes the platform, or what the environment
 * before this one has converged on, or ECR.
 *
 * Reads a lock at once, and asks nobody anything before the first image is wanted.
 *
 * @param running - reads what runs now; called for `live`, and where ECR has several commits for one digest. What was set by hand to an
 *   image of another registry is none of ours, whatever its repository is called.
 * @param converged - the lock that every tenant of the environment before this one has converged on, as `CONVERGED` names it.
 * @throws LockRefused when a lock can't be used.
 * @throws NothingBefore when there is such a lock, and no environment before this one.
 */
export function chooseSource(
  images: string | undefined,
  platform: Platform,
  running: () => Promise<readonly RunningImage[]>,
  converged?: string,
): ChosenSource {
  const { after } = platform;
  if (converged && !after) {
    throw new NothingBefore(
      `CONVERGED names ${shownPath(converged)}, which an environment before this one has converged on, and the platform file names none. Say "after" there, or leave "converged" out of the job in deploy-tenants.yml.`,
    );
  }
  if (!images && platform.frozen !== undefined) {
    return {
      source: readLock(platform.frozen, platform),
      description: `the lock ${shownPath(platform.frozen)}. ${FROZEN_NOTICE}`,
      isLock: true,
    };
  }
  const passed = [...(platform.frozen ? ['is frozen'] : []), ...(after ? [`takes images after ${after.file}`] : [])];
  const thaw = passed.length === 0 ? '' : ` (the platform ${passed.join(' and ')}, but IMAGES goes before that)`;
  const host = registryHost(platform.registry);
  const ours = async () => (await running()).filter(({ registry }) => registry === host);
  const ecr = new LiveCommits(new EcrSource(platform.registry), ours);
  if (!images && after) {
    const source = new ConvergedSource(
      { ...platform, after },
      converged ? lockedImages(converged, after) : undefined,
      ecr,
      ours,
    );
    const description = converged ? `what ${after.file} has converged on` : 'what runs now';
    return { source, description, isLock: false, notices: () => describeHeld(source.held) };
  }
  if (!images || images === 'ecr') {
    return { source: ecr, description: `ECR, as it is now${thaw}`, isLock: false };
  }
  if (images === 'live') {
    const source = new LiveSource(ours, ecr);
    return { source, description: `what runs now; what runs nowhere yet comes from ECR${thaw}`, isLock: false };
  }
  return { source: readLock(images, platform), description: `the lock ${images}${thaw}`, isLock: true };
}
