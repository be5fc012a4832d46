import type { Trigger } from '../workflow/trigger';
import type { Workflow } from '../workflow/workflow';
import { type Names, other, pullRequest, push, pushedTag, type SyntheticEvent, workflowRun } from './event';
import { branchesIn, describe, isPullRequest, type UpstreamRunKind } from './upstream-runs';

/** How a run can end that has no success. */
export const FAILURES = [
  ...['failure', 'cancelled', 'skipped', 'timed_out', 'action_required', 'neutral', 'stale', 'startup_failure'],
];
const SOME_TAG = 'v1.2.3';

/** Events of every kind that start a workflow: for each trigger, each case that its conditions can tell apart. */
export function eventsOf(
  names: Names,
  workflow: Workflow,
  upstreams: readonly Workflow[],
  upstreamRuns: readonly UpstreamRunKind[],
): readonly SyntheticEvent[] {
  const branches = branchesIn(names, [workflow, ...upstreams]);
  return [...workflow.triggers.values()].flatMap((trigger) => {
    if (trigger.event === 'workflow_run')
      return upstreamEvents(names, trigger, upstreamNameOf(workflow, upstreams), upstreamRuns);
    return eventsOfTrigger(names, trigger, branches);
  });
}

/** What people call the workflow whose runs are waited for. */
export function upstreamNameOf(workflow: Workflow, upstreams: readonly Workflow[]): string {
  return upstreams[0]?.name ?? workflow.triggers.get('workflow_run')?.list('workflows')[0]?.text ?? 'CI';
}

function upstreamEvents(names: Names, trigger: Trigger, name: string, runs: readonly UpstreamRunKind[]) {
  const ended = trigger.types?.includes('completed') ?? true;
  const started = (trigger.types ?? ['requested', 'in_progress']).filter((type) => type !== 'completed');
  return runs.flatMap((run, index) => [
    ...(ended ? [workflowRun(names, name, { ...run, conclusion: 'success' }, describe(run, name, 'succeeded'))] : []),
    ...(ended && index === 0 ? FAILURES : []).map((conclusion) =>
      workflowRun(names, name, { ...run, conclusion }, describe(run, name, `ended with ${conclusion}`)),
    ),
    ...started.map((action) =>
      workflowRun(names, name, { ...run, conclusion: null, action }, describe(run, name, 'has only begun')),
    ),
  ]);
}

function eventsOfTrigger(names: Names, trigger: Trigger, branches: readonly string[]): readonly SyntheticEvent[] {
  const { event } = trigger;
  if (event === 'workflow_call') return [];
  if (event === 'push') {
    const pushes = branches.filter((branch) => trigger.takesBranch(branch)).map((branch) => push(names, branch));
    return trigger.takesTags ? [...pushes, pushedTag(names, SOME_TAG)] : pushes;
  }
  if (isPullRequest({ event })) return pullRequests(names, event, trigger.types);
  if (event === 'repository_dispatch') {
    return (trigger.types ?? ['something']).map((action) => other(names, event, { action }));
  }
  return [other(names, event)];
}

function pullRequests(names: Names, event: string, types: readonly string[] | undefined): readonly SyntheticEvent[] {
  const opened = types?.some((type) => type !== 'closed') ?? true;
  const closed = types?.includes('closed') ?? false;
  return [
    ...(opened ? [pullRequest(names, event), pullRequest(names, event, { fork: true })] : []),
    ...(closed ? [false, true].map((merged) => pullRequest(names, event, { closed, merged })) : []),
  ];
}
