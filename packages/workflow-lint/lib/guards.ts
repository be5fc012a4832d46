import { type Analysis, callersOf, type DeployingJob, deploys } from './analysis';
import { asks, doesMore } from './simulation/can-fail';
import { happens } from './simulation/chance';
import { type Field, type SyntheticEvent, workflowRun } from './simulation/event';
import { FAILURES, upstreamNameOf } from './simulation/events-of';
import { looksAt } from './simulation/script-guard';
import { describe, isProposed, type UpstreamRunKind } from './simulation/upstream-runs';
import type { JobRun } from './simulation/workflow-run';
import type { Step, Workflow } from './workflow/workflow';

/** A job that deploys after another workflow, and the events that its guards let through although they should not. */
export interface GuardedJob extends DeployingJob {
  /** What the workflow is called that it waits for. */
  readonly upstream: string;
  /** Is it there, so that what starts it is known? */
  readonly known: boolean;
  /** The run after which it is meant to deploy. */
  readonly usual: UpstreamRunKind;
  /** Names of conclusions, and of what a run does before it has one. */
  readonly conclusions: readonly string[];
  /** Runs of a kind that it is not meant for. */
  readonly runs: readonly UpstreamRunKind[];
  /** What the job does after a run of that kind. */
  readonly after: (kind: UpstreamRunKind) => JobRun;
}

/** Tries each job that deploys by workflow_run on the events that it should refuse. */
export function guardedJobs(analysis: Analysis, workflow: Workflow): readonly GuardedJob[] {
  const trigger = workflow.triggers.get('workflow_run');
  if (!trigger) return [];
  const kinds = analysis.upstreamRunsOf(workflow);
  const upstreams = analysis.upstreamsOf(workflow);
  const name = upstreamNameOf(workflow, upstreams);
  const types = trigger.types ?? ['completed', 'requested', 'in_progress'];
  const { names } = analysis;
  const event = (kind: UpstreamRunKind, conclusion: string | null, action: string, differs: readonly Field[]) =>
    workflowRun(names, name, { ...kind, conclusion, action }, describe(kind, name, conclusion ?? action), differs);
  const tried = kinds.map((kind) => ({
    kind,
    jobs: types.includes('completed')
      ? analysis.deployingJobs(analysis.run(workflow, event(kind, 'success', 'completed', [])))
      : analysis.deployingJobs(analysis.run(workflow, event(kind, null, types[0] ?? 'requested', []))),
  }));

  return (tried[0]?.jobs ?? []).flatMap(({ index }) => {
    const found = tried.flatMap(({ kind, jobs }) =>
      jobs.filter((job) => job.index === index).map((job) => ({ kind, job })),
    );
    const first = found.find(({ job }) => happens(deploys(job)));
    if (!first) return [];
    const { kind: usual, job } = first;
    const passes = (tested: SyntheticEvent) =>
      analysis
        .deployingJobs(analysis.run(workflow, tested))
        .some((other) => other.index === index && happens(deploys(other, job.run)));
    const ended = types.includes('completed') ? FAILURES : [];
    const conclusions = [
      ...ended.filter((conclusion) => passes(event(usual, conclusion, 'completed', ['conclusion']))),
      ...types.filter((type) => type !== 'completed' && passes(event(usual, null, type, ['conclusion']))),
    ];
    const runs = kinds.filter(
      (kind) => kind !== usual && passes(event(kind, 'success', 'completed', differences(usual, kind))),
    );
    const after = (kind: UpstreamRunKind) =>
      analysis.run(workflow, event(kind, 'success', 'completed', differences(usual, kind))).jobs[index] ?? job.run;
    return [{ ...job, after, upstream: name, known: upstreams.length > 0, usual, conclusions, runs }];
  });
}

function differences(usual: UpstreamRunKind, kind: UpstreamRunKind): readonly Field[] {
  return [
    ...(usual.event !== kind.event ? (['event'] as const) : []),
    ...(usual.branch !== kind.branch ? (['head_branch'] as const) : []),
    ...(usual.fork !== kind.fork ? (['head_repository'] as const) : []),
    'head_sha',
  ];
}

/** Is the run about somebody's proposal, where the job is meant for what is merged? */
export function isProposal(usual: UpstreamRunKind, kind: UpstreamRunKind): boolean {
  return isProposed(kind) && !isProposed(usual);
}

/** Does a job make something else of runs from elsewhere, such as a preview? Then it is meant for them. */
export function usesOrigin({ job }: JobRun): boolean {
  const conditions = [job.if, ...job.steps.map((step) => step.if)].map((condition) => condition?.part.token);
  // A script that asks and does nothing else makes nothing of them.
  const guards = job.steps.filter((step) => asks(step) && !doesMore(step)).flatMap(({ part }) => [...part.scalars()]);
  conditions.push(...guards.map(({ token }) => token));
  return [...job.part.scalars()].some(
    ({ token, text = '' }) =>
      !conditions.includes(token) && /(head_repository[\w.]*|workflow_run\.event)\s*[!=]=/.test(text),
  );
}

/** For people: which script asks for one of `fields`, and stops nothing by it, and what makes it do so. */
export function guardThatStopsNothing(
  run: JobRun,
  fields: readonly Field[],
): { message: string; mend: string } | undefined {
  const jobs = [run, ...callersOf(run)].flatMap((each) => [each, ...each.before]);
  const asking = jobs.flatMap(({ job, workflow, steps }) =>
    steps
      .filter(({ step }) => looksAt(step, job, workflow, fields) && (asks(step) || writesOutput(step)))
      .map(({ step }) => ({ job, step })),
  )[0];
  if (!asking) return undefined;
  const { job, step } = asking;
  const line = `line ${step.part.place.line}`;
  const label = step.part.get('name')?.text ?? step.id;
  const named = label === undefined ? `the step on ${line}` : `the step "${label}" on ${line}`;
  if (job === run.job) {
    const message = `. ${named.replace('the', 'The')} asks, and ends well whatever it finds, so the steps after it run`;
    return { message, mend: `Let ${named} end with exit 1, or by an error, where the job has to stop. Or` };
  }
  const message = `. ${named.replace('the', 'The')} of "${job.id}" asks, and "${job.id}" ends well whatever it finds`;
  const output = job.part.get('outputs')?.entries[0]?.key.text;
  const needed = `needs.${job.id}.outputs.${output}`;
  const mend =
    output === undefined
      ? `Let ${named} end with exit 1, or by an error. Or`
      : `Let the "if:" of "${run.job.id}" ask for ${needed}, which it does not read. Or`;
  return { message, mend };
}

function writesOutput({ run, with: inputs }: Step): boolean {
  return /GITHUB_OUTPUT|set-output|setOutput/.test(run?.text ?? inputs?.get('script')?.text ?? '');
}
