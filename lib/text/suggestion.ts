import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean "release"?`, or the list of what is possible where nothing is near. */
export function suggestion(given: string, possible: readonly string[]): string {
  if (possible.length === 0) return '';
  const nearest = closest(given, [...possible]);
  const changes = distance(given, nearest);
  const near = changes <= Math.max(2, Math.floor(nearest.length / 3)) && changes < nearest.length;
  if (near) return `; did you mean "${nearest}"?`;
  return `; known: ${possible.join(', ')}`;
}
