import { expressionsIn, placesOf } from '../expressions';
import { eventsWith, foundIn, isKnown, mayHaveField, siblingsOf } from '../github/event-fields';
import { inWords } from '../in-words';
import { nearNames } from '../near-names';
import type { Found, Rule } from '../rule';
import { type Access, accessesIn } from '../simulation/accesses';
import type { Part } from '../workflow/part';
import type { Workflow } from '../workflow/workflow';

export const unknownEventField: Rule = {
  id: 'unknown-event-field',
  level: 'error',
  summary: 'a field of the event is read that none of the events has which start the workflow',
  silent:
    'What is not there is empty. A comparison with it does not hold, a checkout without a commit takes another, and nothing is red.',
  *check({ workflows }) {
    for (const workflow of workflows) {
      const events = [...workflow.triggers.keys()].filter((event) => event !== 'workflow_call');
      if (!events.every(isKnown)) continue;
      const seen = new Set<string>();
      for (const { part, expression } of expressionsIn(workflow)) {
        for (const access of accessesIn(expression)) {
          const path = access.path.slice(2);
          if (access.path[0] !== 'github' || access.path[1] !== 'event' || path.length === 0) continue;
          if (events.some((event) => mayHaveField(event, path)) || isMeant(access, path, expression, workflow))
            continue;
          const found = unknown(part, path, events);
          const key = `${found.place.line} ${path.join('.')}`;
          if (!seen.has(key)) yield found;
          seen.add(key);
        }
      }
    }
  },
};

/** Is it written for other events, too, where it is no mistake that this one does not have it? */
function isMeant(
  { hasFallback, isNegated }: Access,
  path: readonly string[],
  expression: string,
  { triggers }: Workflow,
) {
  const elsewhere = eventsWith(path).length > 0;
  return elsewhere && (hasFallback || isNegated || triggers.has('workflow_call') || /event_name/i.test(expression));
}

function unknown(part: Part, path: readonly string[], events: readonly string[]): Found {
  const read = ['github', 'event', ...path].join('.');
  const [place = part.place] = placesOf(['github', 'event', ...path], part).map((each) => each.place);
  const name = path.at(-1) ?? '';
  const missing = path.findIndex((_, index) => !events.some((event) => mayHaveField(event, path.slice(0, index + 1))));
  const instead = events.map((event) => foundIn(event, name)).find((each) => each !== undefined);
  const others = eventsWith(path);
  const siblings = events.flatMap((event) => siblingsOf(event, path.slice(0, missing + 1)));
  return {
    place,
    message: `${read} is always empty: the event of ${inWords(events.length > 0 ? events : ['any kind'], 'or')} has no "${path.slice(0, missing + 1).join('.')}"`,
    mend: instead
      ? `Read github.event.${instead}.`
      : others.length > 0
        ? `Only ${inWords(first(others), 'and')} ${others.length === 1 ? 'has' : 'have'} it. Read what this event has, or ask for github.event_name before.`
        : `Read a field that there is${nearNames(path[missing] ?? name, siblings)}`,
  };
}

/** A few of many events, and how many more there are. */
function first(events: readonly string[]): readonly string[] {
  return events.length > 4 ? [...events.slice(0, 3), `${events.length - 3} more`] : events;
}
