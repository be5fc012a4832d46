import type { Rule } from '../rule';
import type { Workflow } from '../workflow/workflow';

/** After a run that nothing waited for, as many may follow one another. */
const DEEPEST = 3;
/** A person who starts a workflow is no reason for what follows to be reached. */
const BY_ITSELF = (event: string) =>
  event !== 'workflow_run' && event !== 'workflow_dispatch' && event !== 'workflow_call';

export const chainTooDeep: Rule = {
  id: 'chain-too-deep',
  level: 'error',
  summary: 'a chain of workflow_run is longer than GitHub follows',
  silent: `GitHub ends a chain after ${DEEPEST} workflow_run, without a word.`,
  *check(analysis) {
    const depths = new Map<Workflow, number>(
      analysis.workflows
        .filter(({ triggers }) => [...triggers.keys()].some(BY_ITSELF))
        .map((workflow) => [workflow, 0]),
    );
    const waiting = analysis.workflows.filter(({ triggers }) => triggers.has('workflow_run'));
    for (let depth = 1; depth <= analysis.workflows.length; depth++) {
      const follows = (workflow: Workflow) =>
        !depths.has(workflow) && analysis.upstreamsOf(workflow).some((upstream) => depths.get(upstream) === depth - 1);
      for (const workflow of waiting.filter(follows)) depths.set(workflow, depth);
    }
    for (const workflow of waiting) {
      const upstreams = analysis.upstreamsOf(workflow);
      const trigger = workflow.triggers.get('workflow_run');
      if (upstreams.length === 0 || !trigger) continue;
      const before = upstreams.flatMap((upstream) => depths.get(upstream) ?? []);
      if (before.length === 0 && !upstreams.some(startsByHand)) {
        yield {
          place: trigger.place,
          message: `"${workflow.name}" waits for "${upstreams[0]?.name}", which waits in turn for what never starts by itself`,
          mend: 'Let the first workflow of the chain start on an event such as push.',
        };
      } else if (Math.min(...before) + 1 > DEEPEST && before.length > 0) {
        yield {
          place: trigger.place,
          message: `"${workflow.name}" comes after ${Math.min(...before)} others that wait for one another, and never starts`,
          mend: `Let it wait for an earlier workflow of the chain, or make jobs of one workflow ("needs:") of some that come before it.`,
        };
      }
    }
  },
};

function startsByHand({ triggers }: Workflow): boolean {
  return triggers.has('workflow_dispatch') || triggers.has('workflow_call');
}
