/**
 * Does something happen under an event? `yes` and `no` are certain. `open`: it depends on what nobody here decides, such as
 * a title, so it can happen. `guarded`: it depends on a script that looked at what is wrong with the event, and is trusted.
 */
export type Chance = 'yes' | 'no' | 'open' | 'guarded';

/** Can it happen, as far as a linter can tell? */
export function happens(chance: Chance): boolean {
  return chance === 'yes' || chance === 'open';
}

const LEAST_FIRST: readonly Chance[] = ['no', 'guarded', 'open', 'yes'];

/** That all of them happen. */
export function all(chances: Iterable<Chance>): Chance {
  const ranks = [...chances].map((chance) => LEAST_FIRST.indexOf(chance));
  return LEAST_FIRST[Math.min(...ranks, 3)] ?? 'yes';
}

/** That any of them happens. */
export function any(chances: Iterable<Chance>): Chance {
  const ranks = [...chances].map((chance) => LEAST_FIRST.indexOf(chance));
  return LEAST_FIRST[Math.max(...ranks, 0)] ?? 'no';
}
