import { type Analysis, type DeployingJob, deploys } from '../analysis';
import { jobLabel } from '../job-label';
import { endsRunning, isOfOnePullRequest, type Lock, lockOfJob, lockOfRun } from '../locks';
import type { Found, Rule } from '../rule';
import { happens } from '../simulation/chance';
import type { SyntheticEvent } from '../simulation/event';
import type { WorkflowRun } from '../simulation/workflow-run';
import type { Workflow } from '../workflow/workflow';

export const skippedRunTakesLock: Rule = {
  id: 'skipped-run-takes-lock',
  level: 'error',
  summary: 'a run that deploys nothing takes the place of one that waits to deploy',
  silent:
    'A group keeps one waiting run: a newer one cancels it, even when all that it does is skip its jobs; with cancel-in-progress it ends the one that runs. The cancelled run looks as if somebody had cancelled it.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const runs = analysis.runsOf(workflow);
      yield* byWorkflow(analysis, workflow, runs);
      yield* byJobs(analysis, runs);
    }
  },
};

function* byWorkflow(analysis: Analysis, { concurrency }: Workflow, runs: readonly WorkflowRun[]): Generator<Found> {
  if (!concurrency || concurrency.queueMax) return;
  const deploying = (run: WorkflowRun) => analysis.deployingJobs(run).filter((job) => happens(deploys(job)));
  const idle = runs.filter((run) => analysis.deployingJobs(run).every((job) => deploys(job) === 'no'));
  for (const run of runs) {
    const [job] = deploying(run);
    const lock = lockOfRun(run);
    const group = lock?.group;
    const ofOne = isOfOnePullRequest(
      group,
      runs.map((each) => ({ event: each.event, lock: lockOfRun(each) })),
    );
    const other = idle.find(
      (each) =>
        group !== undefined && lockOfRun(each)?.group === group && !(ofOne && clearsAway(run.event, each.event)),
    );
    if (!job || !other || lock?.ofOneRun) continue;
    yield {
      place: concurrency.place,
      message: `when ${other.event.description}, the run deploys nothing, and ${does(lockOfRun(other), 'run')} (${jobLabel(job.run)})`,
      mend: `Give "concurrency:" to the job instead: a job takes it only when its "if:" holds. Or let the group's name differ for what deploys nothing${orQueue(lockOfRun(other))}.`,
    };
    return;
  }
}

/** A job that runs and skips its steps is no better. */
function* byJobs(analysis: Analysis, runs: readonly WorkflowRun[]): Generator<Found> {
  const seen = new Set<number>();
  const jobs = runs.flatMap((run) => analysis.deployingJobs(run).map((job) => ({ ...job, event: run.event })));
  for (const job of jobs) {
    const own = lockOfJob(job.run);
    if (!own?.group || own.ofOneRun || own.concurrency.queueMax || seen.has(job.index) || !happens(deploys(job)))
      continue;
    const isIdle = (other: DeployingJob) => other.run.chance === 'yes' && deploys(other, job.run) === 'no';
    const same = jobs.filter((each) => each.index === job.index);
    const ofOne = isOfOnePullRequest(
      own.group,
      same.map(({ event, run }) => ({ event, lock: lockOfJob(run) })),
    );
    const other = same.find(
      (each) =>
        isIdle(each) && lockOfJob(each.run)?.group === own.group && !(ofOne && clearsAway(job.event, each.event)),
    );
    if (!other) continue;
    seen.add(job.index);
    yield {
      place: own.concurrency.place,
      message: `when ${other.event.description}, ${jobLabel(job.run)} skips the steps that deploy, and ${does(lockOfJob(other.run), 'job')}`,
      mend: 'Ask in the "if:" of the job, not of its steps.',
    };
  }
}

/** What a run or a job that deploys nothing does to the others of its group. */
function does(lock: Lock | undefined, what: 'run' | 'job'): string {
  if (lock && endsRunning(lock)) return `ends a ${what} that deploys in the group "${lock.group}", wherever it is`;
  return `takes the group "${lock?.group}" from a ${what} that waits to deploy`;
}

function orQueue(lock: Lock | undefined): string {
  return lock && endsRunning(lock) ? '' : ', or say queue: max';
}

/** What was to be deployed for a pull request is not wanted any more once that is closed. */
function clearsAway(deployed: SyntheticEvent, idle: SyntheticEvent): boolean {
  return deployed.pullRequest === 'open' && idle.pullRequest === 'closed';
}
