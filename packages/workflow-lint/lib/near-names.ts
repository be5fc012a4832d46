import { suggestion } from '@tenantry/text/suggestion';
import { distance } from 'fastest-levenshtein';

const MOST = 3;

/** `; did you mean "release"?`, or the few that are nearest where none is near. */
export function nearNames(given: string, possible: readonly string[]): string {
  const all = [...new Set(possible)];
  const nearest = all.sort((a, b) => distance(given, a) - distance(given, b)).slice(0, MOST);
  const said = suggestion(given, nearest);
  const more = all.length - nearest.length;
  return said.endsWith('?') || more === 0 ? said : `${said} and ${more} more`;
}
