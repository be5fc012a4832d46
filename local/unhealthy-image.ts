import { randomBytes } from 'node:crypto';

/**
 * How an image can be unhealthy on the local platform, and how the commits of such images begin: nothing here runs an image, so its commit
 * is all that kwok and the gateway know it by.
 */
export const AILMENTS = {
  /** Its pods never get ready, as when a service does not come up. */
  pods: 'bad0bad0',
  /** Its pods get ready, and the tenant's host answers 503 for them, as when something between the two is broken. */
  answers: 'bad1bad1',
  /** Its Jobs fail, as a migration of the database does that was never tried on real data. */
  jobs: 'bad2bad2',
} as const;

export type Ailment = keyof typeof AILMENTS;

/** A random commit of an image with this ailment. */
export function unhealthyCommit(ailment: Ailment): string {
  const begin = AILMENTS[ailment];
  return begin + randomBytes(20).toString('hex').slice(begin.length);
}

export function hasAilment(ailment: Ailment, commit: string | undefined): boolean {
  return commit?.startsWith(AILMENTS[ailment]) ?? false;
}
