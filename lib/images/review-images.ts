/** With which images a change of the files is planned, for those who review it. */
export interface ReviewImages {
  /** The value of `IMAGES`; empty for the lock that freezes the platform. */
  readonly images: '' | 'live' | 'ecr';
  /** What a reviewer is to know of that. */
  readonly note?: string;
}

/**
 * A review shows what the merge does. As a rule that is the files' change alone, so images stay as they run now. What freezes a platform is a
 * change of images by files, though: a new freeze, a roll back by another lock, and its end. While `frozen` stands in the file, the lock is
 * all that a run deploys, and as still as what runs; so it is planned with, whatever else the change is about, and a lock that could not be
 * deployed is found before the merge.
 *
 * @param frozen - what the platform file names as `frozen` after the change, and before it; undefined where it names none.
 * @param after - platform file of the environment whose images this one takes.
 */
export function reviewImages(frozen: string | undefined, before: string | undefined, after?: string): ReviewImages {
  if (frozen !== undefined) {
    const isNew = before === undefined;
    return {
      images: '',
      note: `${isNew ? 'This freezes the platform. ' : ''}Planned with the lock, as the run after the merge deploys it.`,
    };
  }
  if (before === undefined) return { images: 'live' };
  if (after !== undefined) {
    return {
      images: 'live',
      note: `This ends the freeze. Planned with what runs now; the run after the merge takes what ${after} has converged on by then.`,
    };
  }
  return {
    images: 'ecr',
    note: 'This ends the freeze. Planned with what ECR has now; the run after the merge deploys what ECR has by then.',
  };
}
