import type { Analysis } from '../analysis';
import { endsRunning, type Lock, lockOfRun, locksAround } from '../locks';
import type { Rule } from '../rule';
import type { SyntheticEvent } from '../simulation/event';
import type { WorkflowRun } from '../simulation/workflow-run';
import type { Workflow } from '../workflow/workflow';

export const sharedGroup: Rule = {
  id: 'shared-group',
  level: 'error',
  summary: 'workflows share a concurrency group by accident',
  silent:
    'Groups belong to the repository, whatever file names them, and case makes no difference. A run of one workflow cancels a waiting run of the other; with cancel-in-progress it ends a running one.',
  *check(analysis) {
    const owned = analysis.workflows.map((workflow) => ({ workflow, uses: usesOf(analysis, workflow) }));
    for (const [index, { workflow, uses }] of owned.entries()) {
      for (const { workflow: other, uses: before } of owned.slice(0, index)) {
        const meet = (use: Use) => before.find((earlier) => isAccident(use, earlier, workflow, other));
        const found = uses.find(meet);
        const earlier = found && meet(found);
        if (!found || !earlier) continue;
        const { concurrency, group } = found.lock;
        yield {
          place: concurrency.place,
          message: `"${workflow.name}" and "${other.name}" share the group "${concurrency.group.text}"${group === concurrency.group.text ? '' : `, such as "${group}"`}${ended(found.lock, workflow, other) || ended(earlier.lock, other, workflow)}`,
          mend: `Begin the name with that of the workflow: \${{ github.workflow }}-... Where they are meant to wait for each other, let both say queue: max.`,
        };
      }
    }
  },
};

function ended(lock: Lock, workflow: Workflow, other: Workflow): string {
  return endsRunning(lock) ? `, and a run of "${workflow.name}" ends one of "${other.name}", wherever it is` : '';
}

/** A group that a workflow takes, and whether it deploys at all. */
interface Use {
  readonly lock: Lock;
  readonly event: SyntheticEvent;
  readonly deploys: boolean;
}

function usesOf(analysis: Analysis, workflow: Workflow): readonly Use[] {
  const runs = analysis.runsOf(workflow);
  const deploys = runs.some((run) => analysis.deployingJobs(run).length > 0);
  return runs.flatMap((run) => locksOf(run).map((lock) => ({ lock, event: run.event, deploys })));
}

function locksOf(run: WorkflowRun): readonly Lock[] {
  const inner = run.jobs.filter(({ chance }) => chance !== 'no').flatMap((job) => locksAround(run, job));
  return [...new Map([lockOfRun(run), ...inner].flatMap((lock) => (lock ? [[lock.concurrency, lock]] : []))).values()];
}

function isAccident(use: Use, earlier: Use, workflow: Workflow, other: Workflow): boolean {
  const { lock } = use;
  if (
    lock.ofOneRun ||
    lock.group === undefined ||
    lock.group !== earlier.lock.group ||
    lock.concurrency === earlier.lock.concurrency
  )
    return false;
  if (lock.concurrency.queueMax && earlier.lock.concurrency.queueMax) return false;
  // What clears away after a pull request is to wait for what is still made for it, or to end that.
  const proposals = [use.event.pullRequest, earlier.event.pullRequest];
  if (proposals.includes('closed') && !proposals.includes(undefined)) return false;
  const text = lock.concurrency.group.text ?? '';
  const otherText = earlier.lock.concurrency.group.text ?? '';
  // Two workflows of one name are another rule's.
  if (workflow.name === other.name && /github\.workflow\b/.test(text + otherText)) return false;
  // Of two that deploy, and name the group alike, it is what somebody wanted.
  const meant =
    use.deploys && earlier.deploys && text === otherText && /[a-z]/i.test(text.replace(/\$\{\{.*?\}\}/g, ''));
  return !meant;
}
