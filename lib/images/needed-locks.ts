import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { frozenIn } from '../config/frozen-key';

/**
 * The locks that a run, or the one after it, is to read: what `IMAGES` and `CONVERGED` name, and what freezes the platform. Told before the configuration
 * is loaded, and where that will fail, so that nothing which is cleared away by then is one of them.
 */
export function neededLocks(named: readonly (string | undefined)[], platformFile: string): string[] {
  const frozen = frozenIn(textOf(platformFile));
  return [
    ...named.flatMap((one) => (one ? [resolve(one)] : [])),
    ...(frozen === undefined ? [] : [resolve(dirname(platformFile), frozen)]),
  ];
}

/** Nothing of a file that can't be read; loading it says why. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
