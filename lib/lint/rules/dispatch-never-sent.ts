import { sendersIn } from '../dispatch/senders-in';
import { nearNames } from '../near-names';
import type { Rule } from '../rule';

export const dispatchNeverSent: Rule = {
  id: 'dispatch-never-sent',
  level: 'error',
  summary: 'a workflow waits for a repository_dispatch that none of the given repositories sends',
  silent: 'Any type is fine with GitHub: the workflow waits for one that never comes.',
  *check(analysis, all) {
    if (all.length < 2) return;
    const workflows = all.flatMap((each) => each.workflows);
    const senders = workflows.flatMap((workflow) => sendersIn(workflow, workflows));
    // One that nobody can see through may send anything.
    if (senders.some(({ types }) => types === undefined)) return;
    const sent = [...new Set(senders.flatMap(({ types }) => types ?? []))];
    for (const { triggers } of analysis.workflows) {
      for (const type of triggers.get('repository_dispatch')?.list('types') ?? []) {
        if (type.text === undefined || sent.includes(type.text)) continue;
        yield {
          place: type.place,
          message: `nobody sends "${type.text}" here`,
          mend: `Let the sender's event_type and this be the same${nearNames(type.text, sent)}`,
        };
      }
    }
  },
};
