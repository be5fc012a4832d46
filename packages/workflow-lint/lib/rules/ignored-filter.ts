import { filtersOf, typesOf } from '../github/event-schema';
import { nearNames } from '../near-names';
import type { Found, Rule } from '../rule';
import { isPullRequest } from '../simulation/upstream-runs';
import type { Ignored } from '../workflow/workflow';

export const ignoredFilter: Rule = {
  id: 'ignored-filter',
  level: 'error',
  summary: 'GitHub ignores what stands below an event, which then starts the workflow more often, or never',
  silent: 'Below an event GitHub reads what it knows, and passes over the rest without a word.',
  *check({ workflows }) {
    for (const ignored of workflows.flatMap((workflow) => workflow.ignored)) yield found(ignored);
  },
};

function found({ place, event, what }: Ignored): Found {
  if (what !== 'value' && 'type' in what) {
    const message = `there is no kind "${what.type}" of ${event}: the workflow waits for one that never comes`;
    return { place, message, mend: `Write a kind that there is${nearNames(what.type, typesOf(event))}` };
  }
  const filter = what === 'value' ? undefined : what.filter;
  const instead = filtersOf(event);
  if (filter === 'type' && instead.includes('types')) {
    const kinds = isPullRequest({ event }) ? 'opened, synchronize and reopened' : 'every kind of it';
    const message = `GitHub knows no "type:" of ${event}, and ignores it: the workflow starts on ${kinds}`;
    return { place, message, mend: 'Write types: (with an s).' };
  }
  const unread = filter === undefined ? 'this is no filter' : `GitHub knows no "${filter}:"`;
  return {
    place,
    message: `${unread} of ${event}, and nothing is filtered by it`,
    mend:
      instead.length === 0
        ? `Take it away: ${event} has no filters. What is to be left out, leave out by an "if:".`
        : `Take it away, or write a filter that there is${nearNames(filter ?? '', instead)}`,
  };
}
