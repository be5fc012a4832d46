import { isLiteral, matchesPatterns, sampleOf } from './filter-pattern';
import type { Trigger } from './trigger';

/**
 * Can one push start both, as far as `paths:` and `paths-ignore:` go? A file that a filter names beside its folders, such as
 * the lock file of all packages, does not make two workflows belong together.
 */
export function pathsMeet(one: Trigger, other: Trigger): boolean {
  const [ones, others] = [patternsOf(one), patternsOf(other)];
  const both = ones.flatMap((a) => others.flatMap((b) => [between(a, b), between(b, a)]));
  const names = ['x', ...[...ones, ...others].map((pattern) => sampleOf(pattern) ?? ''), ...both];
  return names.some((name) => takesPath(one, name) && takesPath(other, name));
}

function patternsOf(trigger: Trigger): readonly string[] {
  const patterns = (trigger.filter('paths')?.texts ?? []).filter((pattern) => !pattern.startsWith('!'));
  const folders = patterns.filter((pattern) => !isLiteral(pattern));
  return folders.length > 0 ? folders : patterns;
}

function takesPath(trigger: Trigger, name: string): boolean {
  const ignored = trigger.filter('paths-ignore');
  if (ignored) return !matchesPatterns(ignored.texts, name);
  const paths = trigger.filter('paths');
  return paths === undefined || matchesPatterns(paths.texts, name);
}

/** A name that begins as one pattern and ends as the other: of `src/**` and `**.ts` it is `src/x.ts`. */
function between(one: string, other: string): string {
  return `${/^[^*?+[\\]*/.exec(one)?.[0] ?? ''}x${/[^*?+\]\\/]*$/.exec(other)?.[0] ?? ''}`;
}
