import { type Analysis, callersOf, type DeployingJob, deploys } from '../analysis';
import { environmentName } from '../deployment';
import { jobLabel } from '../job-label';
import type { Found, Rule } from '../rule';
import { happens } from '../simulation/chance';
import { push } from '../simulation/event';
import { upstreamNameOf } from '../simulation/events-of';
import type { WorkflowRun } from '../simulation/workflow-run';
import { isForTests, isTestedFirst, jobsBefore, tests } from '../testing';
import { pathsMeet } from '../workflow/path-filters';
import type { Workflow } from '../workflow/workflow';

export const outrunsCi: Rule = {
  id: 'outruns-ci',
  level: 'error',
  summary: 'a job deploys on push, beside the tests of the same commit',
  silent: 'Both runs are green, and the first one deployed what nobody had tested.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const racing = analysis
        .runsOf(workflow)
        .filter(({ event: { name, github } }) => name === 'push' && github.ref_type === 'branch');
      const [found] = [...whatAlsoWaits(analysis, workflow, racing), ...besideAnother(analysis, workflow, racing)];
      if (found) yield found;
      else yield* besideItsOwn(analysis, racing);
    }
  },
};

/** A job that waits for another workflow, and does not when it is started by the push itself. */
function* whatAlsoWaits(analysis: Analysis, workflow: Workflow, racing: readonly WorkflowRun[]): Generator<Found> {
  const pushTrigger = workflow.triggers.get('push');
  if (!pushTrigger || !workflow.triggers.has('workflow_run')) return;
  const upstreams = analysis.upstreamsOf(workflow);
  const waiting = analysis.runsOf(workflow).filter(({ event }) => event.name === 'workflow_run');
  const upstream = upstreamNameOf(workflow, upstreams);
  for (const run of racing) {
    const branch = String(run.event.github.ref_name);
    if (upstreams.length > 0 && !upstreams.some((each) => runsOnPush(each, branch))) continue;
    for (const job of untested(analysis, run)) {
      if (!waiting.some((other) => happens(other.jobs[job.index]?.chance ?? 'no'))) continue;
      yield {
        place: pushTrigger.place,
        message: `${jobLabel(job.run)} ${job.deployment.sign} when ${run.event.description}, while "${upstream}" still runs`,
        mend: `Take "push" away, or let the job's "if:" ask for github.event_name == 'workflow_run'.`,
      };
    }
  }
}

/** A job of a workflow that the same push starts beside one that tests. */
function* besideAnother(analysis: Analysis, workflow: Workflow, racing: readonly WorkflowRun[]): Generator<Found> {
  const trigger = workflow.triggers.get('push');
  if (!trigger) return;
  for (const run of racing) {
    const branch = String(run.event.github.ref_name);
    const [job] = untested(analysis, run).filter(isServed);
    if (!job) continue;
    const testing = analysis.workflows.find((other) => {
      const started = other.triggers.get('push');
      if (other === workflow || !started?.takesBranch(branch) || !pathsMeet(trigger, started)) return false;
      const { jobs } = analysis.run(other, push(analysis.names, branch));
      return jobs.some((each) => happens(each.chance) && (isForTests(other) || tests(each.job, each.workflow)));
    });
    if (!testing) continue;
    yield {
      place: trigger.place,
      message: `${jobLabel(job.run)} ${job.deployment.sign}, and runs when ${run.event.description}, beside the tests of "${testing.name}" (${testing.path}). It does not wait for them, and goes on when they fail`,
      mend: `Let it start after them: on workflow_run of "${testing.name}", types: [completed], with an "if:" that asks for github.event.workflow_run.conclusion == 'success' and github.event.workflow_run.event == 'push'. Or test in a job of this workflow, and name that under "needs:".`,
    };
  }
}

/** A job beside one that tests, in the same run. */
function* besideItsOwn(analysis: Analysis, racing: readonly WorkflowRun[]): Generator<Found> {
  const seen = new Set<number>();
  for (const run of racing) {
    for (const job of untested(analysis, run).filter(isServed)) {
      const testing = run.jobs.find(
        (other) =>
          happens(other.chance) && tests(other.job, other.workflow) && other !== job.run && isBeside(run, job, other),
      );
      if (!testing || seen.has(job.index)) continue;
      seen.add(job.index);
      yield {
        place: (callersOf(job.run).at(-1) ?? job.run).job.place,
        message: `${jobLabel(job.run)} ${job.deployment.sign}, and runs when ${run.event.description}, beside the tests of ${jobLabel(testing)}. It does not wait for them, and goes on when they fail`,
        mend: `Say needs: ${(callersOf(testing).at(-1) ?? testing).job.id}.`,
      };
    }
  }
}

/** What tests after the deployment, or in a workflow that is called with it, is about what is deployed. */
function isBeside(run: WorkflowRun, { run: job }: DeployingJob, other: WorkflowRun['jobs'][number]): boolean {
  const around = [job, ...callersOf(job)];
  const after = jobsBefore(run, other);
  return !around.some((each) => after.includes(each) || each === other || callersOf(other).includes(each));
}

function untested(analysis: Analysis, run: WorkflowRun): readonly DeployingJob[] {
  return analysis
    .deployingJobs(run)
    .filter((job) => happens(deploys(job)) && !isTestedFirst(run, job.run, job.deployment.steps));
}

/** Names of what is there for trying things out, or breaks nothing: previews, documentation. */
const FOR_TRYING = /preview|review|\bdev(elopment)?\b|sandbox|ephemeral|docs?\b|documentation|storybook|\bpages\b/i;
const ENVIRONMENT_FOR_TRYING = /^(test|testing|qa|develop)$/i;

/** Does it change what somebody uses? */
function isServed({ run, deployment }: DeployingJob): boolean {
  const around = [run, ...callersOf(run)];
  const environments = around.map(({ job }) => environmentName(job) ?? '');
  const names = around.flatMap(({ job, workflow }) => [job.id, job.name, workflow.name]);
  return (
    deployment.kind === 'deploys' &&
    ![...names, ...environments].some((name) => FOR_TRYING.test(name)) &&
    !environments.some((name) => ENVIRONMENT_FOR_TRYING.test(name))
  );
}

/** Does the same push start it, so that there is a race? One that follows others may be started by it, too. */
function runsOnPush({ triggers }: Workflow, branch: string): boolean {
  return triggers.has('workflow_run') || (triggers.get('push')?.takesBranch(branch) ?? false);
}
