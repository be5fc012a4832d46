import { type Analysis, deploys } from '../analysis';
import { environmentName } from '../deployment';
import { saidOfFork, takenFromFork } from '../fork-code';
import { guardedJobs, guardThatStopsNothing, isProposal, usesOrigin } from '../guards';
import { guardPlace, jobLabel } from '../job-label';
import type { Found, Rule } from '../rule';
import { evaluateText } from '../simulation/evaluate';
import { describe, SOME_BRANCH } from '../simulation/upstream-runs';
import type { Workflow } from '../workflow/workflow';

export const missingOriginGuard: Rule = {
  id: 'missing-origin-guard',
  level: 'error',
  summary: 'a job deploys what a pull request or a merge queue only proposes',
  silent:
    'workflow_run fires for runs of pull requests too, and like pull_request_target it has the secrets that those have not.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      for (const { run, deployment, usual, runs, upstream, after } of guardedJobs(analysis, workflow)) {
        const passing = runs.filter(
          (kind) => isProposal(usual, kind) && (kind.branch === SOME_BRANCH || kind.event === 'merge_group'),
        );
        const worst = passing.find(({ fork }) => fork) ?? passing[0];
        if (!worst || usesOrigin(run)) continue;
        const guard = guardThatStopsNothing(run, ['event', 'head_repository']);
        yield {
          place: guardPlace(run),
          message: `${jobLabel(run)} ${deployment.sign}, and runs when ${describe(worst, upstream, 'succeeded')}${worst.fork ? `. ${saidOfFork(after(worst))}` : ''}${guard?.message ?? ''}`,
          mend: `${guard ? `${guard.mend} let the "if:" of the job` : 'Let its "if:"'} ask for github.event.workflow_run.event == 'push'. github.ref does not tell: it is the default branch, whatever "${upstream}" ran for.`,
        };
      }
      yield* byTarget(analysis, workflow);
    }
  },
};

/** pull_request_target runs for forks with secrets: a job that then checks the fork out runs what anybody wrote. */
function* byTarget(analysis: Analysis, workflow: Workflow): Generator<Found> {
  const ofFork = analysis
    .runsOf(workflow)
    .find(
      ({ event, scope }) =>
        event.name === 'pull_request_target' &&
        evaluateText(`\${{ github.event.pull_request.head.repo.fork }}`, scope) === 'true',
    );
  for (const job of ofFork ? analysis.deployingJobs(ofFork) : []) {
    const { run, deployment } = job;
    if (run.chance !== 'yes' || deploys(job) === 'no' || takenFromFork(run) !== 'code') continue;
    const environment = environmentName(run.job);
    yield {
      place: guardPlace(run),
      message: `${jobLabel(run)} ${deployment.sign}, and runs when ${ofFork?.event.description}. ${saidOfFork(run)}`,
      mend: `Let its "if:" ask for github.event.pull_request.head.repo.full_name == github.repository, or do what needs the fork's code on pull_request, which has no secrets.${environment === undefined ? '' : ` If "${environment}" has reviewers, say so: # tenantry-lint: ignore missing-origin-guard because ...`}`,
      // Reviewers of an environment are in no file.
      ...(environment !== undefined && { level: 'warning' }),
    };
  }
}
