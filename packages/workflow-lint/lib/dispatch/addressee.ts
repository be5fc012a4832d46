import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Repository } from '../repository';

/**
 * The repositories that may be meant by a name such as `acme/platform`, of those at hand: none where another is meant.
 * A repository is known by the name of its folder and by where it was cloned from.
 */
export function addressees(
  target: string | undefined,
  sender: Repository,
  all: readonly Repository[],
): readonly Repository[] {
  if (target === undefined) return [sender];
  const name = target.split('/').at(-1) ?? '';
  // What an expression says may be any of them.
  if (name === '' || /[${}]/.test(name)) return all;
  return all.filter(({ directory }) => namesOf(directory).includes(name.toLowerCase()));
}

function namesOf(directory: string): readonly string[] {
  const names = [basename(resolve(directory))];
  try {
    const origin = /url = .*?([^/:\s]+?)(?:\.git)?\s*$/m.exec(readFileSync(join(directory, '.git/config'), 'utf8'));
    if (origin?.[1]) names.push(origin[1]);
  } catch {
    // Not a checkout, or one of another kind: the folder's name is all there is.
  }
  return names.map((name) => name.toLowerCase());
}
