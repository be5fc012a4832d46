import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { withFrozen } from '../config/frozen-key';
import type { Platform } from '../config/platform';
import { ExplainedError } from '../text/explained-error';
import { shownPath } from '../text/shown-path';
import { describeImageChange, type ImageChange, imageChanges } from './image-changes';
import type { ImageSet } from './image-set';
import { LockRefused, lockedImages, lockText } from './lock';

/** Beside the platform file, unless somebody names another. Each platform has its own. */
function defaultLock(platformFile: string): string {
  const name = basename(platformFile, '.yaml');
  return resolve(dirname(platformFile), name === 'platform' ? 'frozen.lock.json' : `${name}.frozen.lock.json`);
}

export interface FreezeOptions {
  readonly platform: Platform;
  readonly platformFile: string;
  readonly images: ImageSet;
  /** Where the lock goes. Default: where the platform is frozen to, or `frozen.lock.json` beside the platform file; for `staging.yaml`, `staging.frozen.lock.json`. */
  readonly lock?: string;
  /** Whether a lock with other images may be overwritten. */
  readonly replace: boolean;
}

export interface Freeze {
  readonly lock: string;
  /** Whether a file was written; false when the platform was frozen to exactly this. */
  readonly changed: boolean;
  /** What the new lock has that the one in its place had not; empty where there was none. */
  readonly changes: readonly ImageChange[];
}

/** Thrown when a freeze would overwrite a lock that somebody may still want. */
export class LockInTheWay extends ExplainedError {
  override readonly name = 'LockInTheWay';

  constructor(
    readonly lock: string,
    readonly changes: readonly ImageChange[],
  ) {
    super(
      [
        `${shownPath(lock)} is there already, with other images. --replace would change:`,
        ...changes.map((change) => `  ${describeImageChange(change)}`),
      ].join('\n'),
    );
  }
}

/** Thrown when a platform can't be frozen or unfrozen as it was asked for. */
export class CannotFreeze extends ExplainedError {
  override readonly name = 'CannotFreeze';
}

/**
 * Writes the lock of `images` beside the platform file, and names it there. Nothing is deployed by that: it is a change of files, to be
 * reviewed like any other. Again, it changes nothing.
 *
 * @throws LockInTheWay, LockRefused when there is another file in the lock's place.
 */
export function freeze({ platform, platformFile, images, lock: named, replace }: FreezeOptions): Freeze {
  const lock = resolve(named ?? platform.frozen ?? defaultLock(platformFile));
  if (platform.frozen !== undefined && resolve(platform.frozen) !== lock) {
    throw new CannotFreeze(
      `${shownPath(platformFile)} is frozen to ${shownPath(platform.frozen)} already. Leave --lock out, or end that freeze first: npx tenantry unfreeze`,
    );
  }
  const before = existsSync(lock) ? lockedImages(lock, platform) : undefined;
  const changes = before ? imageChanges(before, images.images) : [];
  if (changes.length > 0 && !replace) throw new LockInTheWay(lock, changes);

  const writesLock = !before || changes.length > 0;
  if (writesLock) write(lock, lockText(platform, images));
  const path = relative(resolve(dirname(platformFile)), lock)
    .split(sep)
    .join('/');
  const namesIt = platform.frozen === undefined && rewrite(platformFile, path);
  return { lock, changed: writesLock || namesIt, changes };
}

/** What became of a freeze that was ended. */
export interface Unfreeze {
  readonly lock: string;
  /** Why the lock was left where it is; absent when it was removed. */
  readonly left?: string;
}

/** Takes `frozen` out of the platform file, and removes the lock; undefined where the platform was not frozen. */
export function unfreeze(platform: Platform, platformFile: string): Unfreeze | undefined {
  const { frozen: lock } = platform;
  if (lock === undefined) return undefined;
  const left = existsSync(lock) ? whyNoLock(lock, platform) : undefined;
  rewrite(platformFile, undefined);
  if (left !== undefined) return { lock, left };
  rmSync(lock, { force: true });
  return { lock };
}

/** Whatever `frozen` names, nothing is removed that is no lock of this platform. */
function whyNoLock(lock: string, platform: Platform): string | undefined {
  try {
    lockedImages(lock, platform);
    return undefined;
  } catch (error) {
    if (error instanceof LockRefused) return error.message;
    throw error;
  }
}

/** Whether that changed the file. */
function rewrite(platformFile: string, path: string | undefined): boolean {
  const text = readFileSync(platformFile, 'utf8');
  const changed = withFrozen(text, path);
  if (changed !== text) write(platformFile, changed);
  return changed !== text;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new CannotFreeze(`${shownPath(file)} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
