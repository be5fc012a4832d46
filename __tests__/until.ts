import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds, and returns what it came to. Looks often, and gives up after two minutes: nothing here takes that
 * long unless it never comes.
 */
export async function until<Found>(
  what: string,
  condition: () => Promise<Found | undefined | false> | Found | undefined | false,
  seconds = 120,
): Promise<Found> {
  for (const deadline = Date.now() + seconds * 1000; ; await sleep(100)) {
    const found = await condition();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
  }
}
