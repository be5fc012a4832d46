import { imageServiceOf } from '../config/image-service';
import type { Configuration } from '../config/load';
import { EcrSource } from '../images/ecr';
import { LockRefused, readLock } from '../images/lock';
import { imageRequests, OPERATOR } from '../images/request';
import { askForImages, type ImageAnswers } from '../images/resolve';

/** A person waits for the answer, and has the rest of it already: no time for all the retries of a deploy. */
const LIMITS = { requestTimeout: 5_000, deadline: 15_000 };

/** The images that the tenants could have. */
export interface ExpectedImages {
  /** What ECR has now. */
  readonly newest: ImageAnswers;
  /** What the lock gives that freezes the platform; absent where none does. */
  readonly locked?: ImageAnswers | LockRefused;
}

/**
 * Asks ECR, once for each image, and reads the lock of a frozen platform. What can't be told is part of the answer.
 *
 * @param services - only images of these. Default: of all that tenants run.
 */
export async function expectedImages(
  { platform, tenants }: Configuration,
  services?: readonly string[],
): Promise<ExpectedImages> {
  const images = services?.map((service) => imageServiceOf(service, platform.services));
  const requests = imageRequests(platform, tenants).filter(
    ({ service }) => service !== OPERATOR && (images?.includes(service) ?? true),
  );
  const newest = askForImages(requests, new EcrSource(platform.registry, LIMITS));
  if (platform.frozen === undefined) return { newest: await newest };
  try {
    const lock = readLock(platform.frozen, platform);
    return { newest: await newest, locked: await askForImages(requests, lock) };
  } catch (error) {
    if (error instanceof LockRefused) return { newest: await newest, locked: error };
    throw error;
  }
}
