import type { Part } from './part';
import type { Ignored, Problem } from './workflow';

/** What an editor's schema has against a file and a run has not, and what of it does nothing: none where it does what it says. */
export interface Leniency {
  readonly problem: Problem;
  readonly ignored: readonly Ignored[];
}

/** Of these a run reads what stands below them as strictly as an editor. */
const STRICT = ['schedule', 'workflow_call'];

/**
 * Sorts out the problems that only editors have: below an event, GitHub reads what it knows and passes over the rest. Seen
 * for `type:` (https://github.com/keptn/keptn/pull/3752), for `branch_ignore:` (https://github.com/MobilityDB/MobilityDB/pull/1010)
 * and for filters of events that have none (https://github.com/desktop/desktop/pull/14825).
 */
export function lenienciesBelow(on: Part, problems: readonly Problem[]): readonly Leniency[] {
  const events = on.entries.filter(({ key }) => !STRICT.includes(key.text ?? ''));
  return problems.flatMap((problem) => {
    for (const { key, value } of events) {
      const ignored = ignoredIn(key.text ?? '', value, problem);
      if (ignored) return [{ problem, ignored }];
    }
    return [];
  });
}

function ignoredIn(event: string, value: Part, problem: Problem): readonly Ignored[] | undefined {
  const filters = value.entries;
  const isHere = (part: Part) => part.place.line === problem.place.line && part.place.column === problem.place.column;
  if (isHere(value)) {
    if (filters.length === 0) return [{ place: value.place, event, what: 'value' }];
    return filters.map(({ key }) => ({ place: key.place, event, what: { filter: key.text ?? '' } }));
  }
  const unknown = filters.find(({ key }) => isHere(key));
  if (unknown) return [{ place: unknown.key.place, event, what: { filter: unknown.key.text ?? '' } }];
  const type = value.get('types')?.items.find(isHere);
  if (type?.text === undefined) return undefined;
  // A lone text is a list of one, which the schema says of every event but this one.
  if (event === 'repository_dispatch') return [];
  return [{ place: type.place, event, what: { type: type.text } }];
}
