import type { Platform } from '../config/platform';
import { shownPath } from '../text/shown-path';
import { EcrSource } from './ecr';
import { FROZEN_NOTICE } from './frozen-notice';
import { LiveSource, type RunningImage } from './live';
import { LiveCommits } from './live-commits';
import { readLock } from './lock';
import { registryHost } from './pinned-image';
import type { ImageSource } from './source';

export interface ChosenSource {
  readonly source: ImageSource;
  /** Where the images come from, for a person. */
  readonly description: string;
  /** Whether it is a lock: then a person chose these images on purpose. */
  readonly isLock: boolean;
}

/**
 * The source that `IMAGES` names: `ecr`, `live`, or the path of a lock. Without it, ECR, or the lock that freezes the platform.
 *
 * Reads a lock at once, and asks nobody anything before the first image is wanted.
 *
 * @param running - reads what runs now; called for `live`, and where ECR has several commits for one digest. What was set by hand to an
 *   image of another registry is none of ours, whatever its repository is called.
 * @throws LockRefused when the lock can't be used.
 */
export function chooseSource(
  images: string | undefined,
  platform: Platform,
  running: () => Promise<readonly RunningImage[]>,
): ChosenSource {
  if (!images && platform.frozen !== undefined) {
    return {
      source: readLock(platform.frozen, platform),
      description: `the lock ${shownPath(platform.frozen)}. ${FROZEN_NOTICE}`,
      isLock: true,
    };
  }
  const thaw = platform.frozen === undefined ? '' : ' (the platform is frozen, but IMAGES goes before that)';
  const host = registryHost(platform.registry);
  const ours = async () => (await running()).filter(({ registry }) => registry === host);
  const ecr = new LiveCommits(new EcrSource(platform.registry), ours);
  if (!images || images === 'ecr') {
    return { source: ecr, description: `ECR, as it is now${thaw}`, isLock: false };
  }
  if (images === 'live') {
    const source = new LiveSource(ours, ecr);
    return { source, description: `what runs now; what runs nowhere yet comes from ECR${thaw}`, isLock: false };
  }
  return { source: readLock(images, platform), description: `the lock ${images}${thaw}`, isLock: true };
}
