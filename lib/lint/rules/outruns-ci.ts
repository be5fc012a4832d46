import { deploys } from '../analysis';
import { jobLabel } from '../job-label';
import type { Rule } from '../rule';
import { happens } from '../simulation/chance';
import { upstreamNameOf } from '../simulation/events-of';
import type { JobRun } from '../simulation/workflow-run';
import type { Workflow } from '../workflow/workflow';

const TESTS = /test|\bci\b|check|lint|verify|validate|build|quality/i;

export const outrunsCi: Rule = {
  id: 'outruns-ci',
  level: 'error',
  summary: 'a job that waits for another workflow also deploys on push, before that workflow is done',
  silent: 'Both runs are green, and the first one deployed what nobody had tested.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const pushTrigger = workflow.triggers.get('push');
      if (!pushTrigger || !workflow.triggers.has('workflow_run')) continue;
      const upstreams = analysis.upstreamsOf(workflow);
      const runs = analysis.runsOf(workflow);
      const waiting = runs.filter(({ event }) => event.name === 'workflow_run');
      const racing = runs
        .filter(({ event: { name, github } }) => name === 'push' && github.ref_type === 'branch')
        .filter(
          ({ event: { github } }) =>
            upstreams.length === 0 || upstreams.some((each) => runsOnPush(each, String(github.ref_name))),
        );
      const jobs = racing.flatMap((run) =>
        analysis
          .deployingJobs(run)
          .filter((job) => happens(deploys(job)) && !isTested(job.run))
          .filter(({ index }) => waiting.some((other) => happens(other.jobs[index]?.chance ?? 'no')))
          .map((job) => ({ ...job, event: run.event })),
      );
      const first = jobs[0];
      if (!first) continue;
      const upstream = upstreamNameOf(workflow, upstreams);
      yield {
        place: pushTrigger.place,
        message: `${jobLabel(first.run)} ${first.deployment.sign} when ${first.event.description}, while "${upstream}" still runs`,
        mend: `Take "push" away, or let the job's "if:" ask for github.event_name == 'workflow_run'.`,
      };
    }
  },
};

/** Does the same push start it, so that there is a race? One that follows others may be started by it, too. */
function runsOnPush({ triggers }: Workflow, branch: string): boolean {
  return triggers.has('workflow_run') || (triggers.get('push')?.takesBranch(branch) ?? false);
}

/** Does a job of the same run test first, so that there is nothing to wait for? */
function isTested({ before }: JobRun): boolean {
  return before.some(({ job, chance }) => chance === 'yes' && TESTS.test(`${job.id} ${job.name}`));
}
