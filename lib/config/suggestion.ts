import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean "release"?`, or the list of what is possible where nothing is near. */
export function suggestion(given: string, possible: readonly string[]): string {
  if (possible.length === 0) return '';
  const nearest = closest(given, [...possible]);
  if (distance(given, nearest) <= Math.max(2, Math.floor(nearest.length / 3))) return `; did you mean "${nearest}"?`;
  return `; known: ${possible.join(', ')}`;
}
