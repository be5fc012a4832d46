import type { Rule } from '../rule';
import { isPullRequest } from '../simulation/upstream-runs';
import { isLiteral } from '../workflow/filter-pattern';
import type { Trigger } from '../workflow/trigger';

export const upstreamNeverRuns: Rule = {
  id: 'upstream-never-runs',
  level: 'error',
  summary: 'workflow_run waits for runs that the other workflow never has',
  silent: 'GitHub compares no filters with one another: it waits, and starts nothing.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const trigger = workflow.triggers.get('workflow_run');
      const upstreams = analysis.upstreamsOf(workflow);
      const [first] = upstreams;
      if (!trigger || !first) continue;
      const starts = upstreams.flatMap(({ triggers }) => [...triggers.values()]);
      if (starts.every(({ event }) => event === 'workflow_call')) {
        yield {
          place: trigger.list('workflows')[0]?.place ?? trigger.place,
          message: `"${first.name}" has no runs of its own: it is only called by others`,
          mend: 'Name the workflows that call it. Their runs are what GitHub knows.',
        };
        continue;
      }
      const filter = trigger.filter('branches');
      if (!filter) continue;
      const runs = analysis.upstreamRunsOf(workflow).filter(({ event }) => event !== 'workflow_dispatch');
      const proposalsAlone = runs.every(isPullRequest);
      const bases = starts.filter(isPullRequest).flatMap((start) => start.filter('branches')?.texts ?? []);
      // Of pull requests it is the proposed branch that is compared, and that is hardly one which others are merged into.
      const merged = (pattern: string) =>
        isLiteral(pattern) && [...bases, 'main', 'master', 'develop'].includes(pattern);
      const onDefault = starts.some(({ event }) => !['push', 'workflow_dispatch', 'workflow_call'].includes(event));
      // Nobody knows here which branch the default one is.
      if (runs.length === 0 && onDefault && filter.texts.some(isLiteral)) continue;
      if (runs.length > 0 && !(proposalsAlone && filter.texts.every(merged))) continue;
      yield {
        place: filter.items[0]?.place ?? filter.place,
        message: `"${first.name}" never runs for ${filter.texts.join(', ')}: it runs on ${starts.map(described).join('; ')}`,
        mend:
          proposalsAlone && runs.length > 0
            ? 'Let it run on push to that branch too. Of a pull request, GitHub compares the branch that is proposed.'
            : 'Make the two filters overlap: here, or under "push" there.',
      };
    }
  },
};

function described(trigger: Trigger): string {
  const branches = trigger.filter('branches')?.texts;
  const tags = trigger.event === 'push' && trigger.takesTags && !branches ? ' of tags' : '';
  return branches ? `${trigger.event} (${branches.join(', ')})` : `${trigger.event}${tags}`;
}
