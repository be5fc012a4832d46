import { relative, resolve } from 'node:path';

/** A path as a person here would type it. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? resolve(path) : near || '.';
}
