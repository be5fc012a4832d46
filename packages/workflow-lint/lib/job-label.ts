import type { Place } from './finding';
import type { JobRun } from './simulation/workflow-run';

/** What people call a job: with the one that calls it, where it is in a workflow that is called. */
export function jobLabel(run: JobRun): string {
  const caller = callerOf(run);
  return caller === run ? `"${run.job.id}"` : `"${caller.job.id}" (by "${run.job.id}" of ${run.workflow.path})`;
}

/** Where a guard of a job stands, or would have to: at the job of the workflow that an event starts. */
export function guardPlace(run: JobRun): Place {
  const { job } = callerOf(run);
  return job.if?.part.place ?? job.place;
}

function callerOf(run: JobRun): JobRun {
  return run.caller ? callerOf(run.caller) : run;
}
