import type { Analysis } from '../analysis';
import { addressees } from '../dispatch/addressee';
import { sendersIn } from '../dispatch/senders-in';
import { nearNames } from '../near-names';
import type { Rule } from '../rule';

export const dispatchUnheard: Rule = {
  id: 'dispatch-unheard',
  level: 'error',
  summary: 'a repository_dispatch is sent that no workflow of the given repositories waits for',
  silent: 'GitHub answers 204, which is "done", and starts nothing.',
  *check(analysis, all) {
    if (all.length < 2) return;
    const repositories = all.map(({ repository }) => repository);
    for (const sender of analysis.workflows.flatMap((workflow) => sendersIn(workflow, repositories))) {
      const meant = addressees(sender.target, analysis.repository, repositories);
      const listeners = all.filter(({ repository }) => meant.includes(repository)).flatMap(heard);
      const unheard = sender.types?.find((type) => !listeners.some((types) => types?.includes(type) ?? true));
      if (unheard === undefined || meant.length === 0) continue;
      const known = listeners.flatMap((types) => types ?? []);
      yield {
        place: sender.place,
        message: `no workflow waits for "${unheard}"`,
        mend: `Let the types: of repository_dispatch there and this be the same${nearNames(unheard, known)}`,
      };
    }
  },
};

/** For each workflow that waits for a repository_dispatch, the types that it waits for; undefined for all. */
function heard({ workflows }: Analysis): readonly (readonly string[] | undefined)[] {
  return workflows.flatMap(({ triggers }) => {
    const trigger = triggers.get('repository_dispatch');
    return trigger ? [trigger.types] : [];
  });
}
