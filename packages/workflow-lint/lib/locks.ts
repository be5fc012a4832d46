import { evaluateTemplate, type Scope } from './simulation/evaluate';
import { DEFAULT_COMMIT, RUN_ID, type SyntheticEvent, TESTED_COMMIT } from './simulation/event';
import { chanceOf } from './simulation/value';
import { groupName, type JobRun, type WorkflowRun } from './simulation/workflow-run';
import type { Concurrency, Workflow } from './workflow/workflow';

const IN_ONE_RUN = [RUN_ID, TESTED_COMMIT, DEFAULT_COMMIT];

/** A concurrency group that a run takes, or a job of it. */
export interface Lock {
  readonly concurrency: Concurrency;
  /** Where it is written. */
  readonly workflow: Workflow;
  /** The group's name in this run, in lower case; undefined where that is not known. */
  readonly group: string | undefined;
  /** Is the name another in each run, so that no two runs meet in the group? */
  readonly ofOneRun: boolean;
  /** What its texts are evaluated with. */
  readonly scope: Scope;
  /** The job that takes it: one that has it itself, or one that calls a workflow which has it. The run itself takes it where there is none. */
  readonly holder: JobRun | undefined;
}

/** The lock of the run as a whole, which it takes before any "if:" is looked at. */
export function lockOfRun({ workflow, scope }: WorkflowRun): Lock | undefined {
  return workflow.concurrency && lock(workflow.concurrency, workflow, scope, undefined);
}

/** The lock of a job, which it takes only when its "if:" holds. */
export function lockOfJob(run: JobRun): Lock | undefined {
  return run.job.concurrency && lock(run.job.concurrency, run.workflow, run.scope, run);
}

/** Those that are held while a job runs: of the run, of the jobs that call it and the workflows they call, and its own. */
export function locksAround(run: WorkflowRun, job: JobRun): readonly Lock[] {
  const around = job.caller ? locksAround(run, job.caller) : [lockOfRun(run)];
  const { caller, workflow } = job;
  const called = caller && workflow.concurrency && lock(workflow.concurrency, workflow, job.scope, caller);
  return [...around, called, lockOfJob(job)].filter((each) => each !== undefined);
}

/** Does a run that comes to the group end the one that holds it, wherever that is? */
export function endsRunning({ concurrency: { cancelInProgress }, scope }: Lock): boolean {
  const text = cancelInProgress?.text ?? 'false';
  return text !== 'false' && chanceOf(evaluateTemplate(text, scope)) === 'yes';
}

/** Has each pull request such a group of its own? Then another one's runs take another. */
export function isOfOnePullRequest(
  group: string | undefined,
  taken: readonly { readonly event: SyntheticEvent; readonly lock: Lock | undefined }[],
): boolean {
  const open = taken.filter(({ event }) => event.pullRequest === 'open');
  return open.some(({ lock }) => lock?.group === group) && open.some(({ lock }) => lock && lock.group !== group);
}

function lock(concurrency: Concurrency, workflow: Workflow, scope: Scope, holder: JobRun | undefined): Lock {
  const group = groupName(concurrency, scope);
  return { concurrency, workflow, scope, holder, group, ofOneRun: IN_ONE_RUN.some((text) => group?.includes(text)) };
}
