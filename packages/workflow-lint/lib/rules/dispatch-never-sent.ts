import { addressees } from '../dispatch/addressee';
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
    const repositories = all.map(({ repository }) => repository);
    const senders = all.flatMap(({ repository, workflows: own }) =>
      own.flatMap((workflow) => sendersIn(workflow, repositories)).map((sender) => ({ ...sender, repository })),
    );
    // One that nobody can see through may send anything.
    if (senders.some(({ types }) => types === undefined)) return;
    const sent = [...new Set(senders.flatMap(({ types }) => types ?? []))];
    const isTold = senders.some(({ target, repository }) =>
      addressees(target, repository, repositories).includes(analysis.repository),
    );
    for (const { triggers } of analysis.workflows) {
      for (const type of triggers.get('repository_dispatch')?.list('types') ?? []) {
        if (type.text === undefined || sent.includes(type.text)) continue;
        const near = nearNames(type.text, sent);
        const message = `nobody sends "${type.text}" here`;
        if (near.endsWith('?')) {
          yield { place: type.place, message, mend: `Let the sender's event_type and this be the same${near}` };
        } else if (isTold) {
          // Whoever sends it may be a repository that was not given, or no repository at all.
          const mend = `If another repository sends it, name that one's directory, too. If it comes from elsewhere, say so: # tenantry-lint: ignore dispatch-never-sent because ...`;
          yield {
            place: type.place,
            message: `${message}${near.replace(/^; known:/, '; sent is')}`,
            mend,
            level: 'warning',
          };
        }
      }
    }
  },
};
