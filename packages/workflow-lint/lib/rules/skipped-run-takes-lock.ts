import { type Analysis, callersOf, type DeployingJob, deploys } from '../analysis';
import { jobLabel } from '../job-label';
import { endsRunning, isOfOnePullRequest, type Lock, lockOfJob, lockOfRun } from '../locks';
import type { Found, Rule } from '../rule';
import { accessesIn } from '../simulation/accesses';
import { happens } from '../simulation/chance';
import { evaluate } from '../simulation/evaluate';
import type { SyntheticEvent } from '../simulation/event';
import { textOf } from '../simulation/value';
import type { WorkflowRun } from '../simulation/workflow-run';
import type { Part } from '../workflow/part';
import { segments } from '../workflow/template';
import type { Condition, Workflow } from '../workflow/workflow';

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
    const twin = !other && skipsByItsEvent(run, analysis.deployingJobs(run), concurrency.group);
    if (!job || !lock || !(other || twin) || lock.ofOneRun) continue;
    const when = other?.event.description ?? `${run.event.description} for something else`;
    const taken = (other && lockOfRun(other)) ?? lock;
    yield {
      place: concurrency.place,
      message: `when ${when}, the run deploys nothing, and ${does(taken, 'run')} (${jobLabel(job.run)})`,
      mend: `Give "concurrency:" to the job instead: a job takes it only when its "if:" holds. Or let the group's name differ for what deploys nothing${orQueue(taken)}.`,
    };
    return;
  }
}

/** A job that runs and skips its steps is no better. */
function* byJobs(analysis: Analysis, runs: readonly WorkflowRun[]): Generator<Found> {
  const seen = new Set<number>();
  const jobs = runs.flatMap((run) => analysis.deployingJobs(run).map((job) => ({ ...job, event: run.event, of: run })));
  for (const job of jobs) {
    const own = lockOfJob(job.run);
    if (!own || own.ofOneRun || own.concurrency.queueMax || seen.has(job.index) || !happens(deploys(job))) continue;
    const isIdle = (other: DeployingJob) => other.run.chance === 'yes' && deploys(other, job.run) === 'no';
    const same = jobs.filter((each) => each.index === job.index);
    const ofOne = isOfOnePullRequest(
      own.group,
      same.map(({ event, run }) => ({ event, lock: lockOfJob(run) })),
    );
    const other = same.find(
      (each) =>
        own.group !== undefined &&
        isIdle(each) &&
        lockOfJob(each.run)?.group === own.group &&
        !(ofOne && clearsAway(job.event, each.event)),
    );
    const twin = !other && job.run.chance === 'yes' && skipsByItsEvent(job.of, [job], own.concurrency.group);
    if (!other && !twin) continue;
    const when = other?.event.description ?? `${job.event.description} for something else`;
    seen.add(job.index);
    yield {
      place: own.concurrency.place,
      message: `when ${when}, ${jobLabel(job.run)} skips the steps that deploy, and ${does((other && lockOfJob(other.run)) ?? own, 'job')}`,
      mend: 'Ask in the "if:" of the job, not of its steps.',
    };
  }
}

/** Events of which many come that a workflow is not for: conditions tell them apart by what they hold. */
const OF_MANY_KINDS = new Set([
  ...['deployment_status', 'issue_comment', 'issues', 'discussion', 'discussion_comment', 'pull_request_review'],
  ...['pull_request_review_comment', 'check_run', 'check_suite', 'status', 'release'],
]);

/** Does the same event deploy nothing when it holds something else, and take the same group all the same? */
function skipsByItsEvent({ event, scope }: WorkflowRun, jobs: readonly DeployingJob[], group: Part): boolean {
  if (!OF_MANY_KINDS.has(event.name)) return false;
  const named = readsOf(segments(group.text ?? '').flatMap((each) => ('expression' in each ? each.expression : [])));
  if (named.some((read) => /^github\.run_(id|number)$/.test(read))) return false;
  const isUnknown = (read: string) => /^(needs|steps)\./.test(read) || textOf(evaluate(read, scope)) === undefined;
  const decides = (job: DeployingJob) =>
    readsOf(conditionsOf(job).map(({ expression }) => expression))
      .filter((read) => /^(github\.(event|actor)|needs|steps)\b/.test(read) && !named.includes(read))
      .some(isUnknown);
  return jobs.every((job) => deploys(job) === 'no' || (deploys(job) === 'open' && decides(job)));
}

function conditionsOf({ run, deployment }: DeployingJob): readonly Condition[] {
  const jobs = [run, ...callersOf(run)].flatMap((each) => [each, ...each.before]);
  const conditions = [...jobs.map(({ job }) => job.if), ...deployment.steps.map((step) => step.if)];
  return conditions.filter((condition) => condition !== undefined);
}

function readsOf(expressions: readonly string[]): readonly string[] {
  return expressions.flatMap(accessesIn).map(({ path }) => path.join('.'));
}

/** What a run or a job that deploys nothing does to the others of its group. */
function does(lock: Lock, what: 'run' | 'job'): string {
  const group = lock.group ?? lock.concurrency.group.text;
  if (endsRunning(lock)) return `ends a ${what} that deploys in the group "${group}", wherever it is`;
  return `takes the group "${group}" from a ${what} that waits to deploy`;
}

function orQueue(lock: Lock): string {
  return endsRunning(lock) ? '' : ', or say queue: max';
}

/** What was to be deployed for a pull request is not wanted any more once that is closed. */
function clearsAway(deployed: SyntheticEvent, idle: SyntheticEvent): boolean {
  return deployed.pullRequest === 'open' && idle.pullRequest === 'closed';
}
