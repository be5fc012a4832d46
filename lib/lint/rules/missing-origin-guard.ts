import { guardedJobs, guardThatStopsNothing, isProposal, usesOrigin } from '../guards';
import { guardPlace, jobLabel } from '../job-label';
import type { Rule } from '../rule';
import { describe, SOME_BRANCH } from '../simulation/upstream-runs';

export const missingOriginGuard: Rule = {
  id: 'missing-origin-guard',
  level: 'error',
  summary: 'a job deploys what a pull request or a merge queue only proposes',
  silent: 'workflow_run fires for runs of pull requests too, and then has the secrets that they have not.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      for (const { run, deployment, usual, runs, upstream } of guardedJobs(analysis, workflow)) {
        const passing = runs.filter(
          (kind) => isProposal(usual, kind) && (kind.branch === SOME_BRANCH || kind.event === 'merge_group'),
        );
        const worst = passing.find(({ fork }) => fork) ?? passing[0];
        if (!worst || usesOrigin(run)) continue;
        const guard = guardThatStopsNothing(run, ['event', 'head_repository']);
        yield {
          place: guardPlace(run),
          message: `${jobLabel(run)} ${deployment.sign}, and runs when ${describe(worst, upstream, 'succeeded')}${guard?.message ?? ''}`,
          mend: `${guard ? `${guard.mend} let the "if:" of the job` : 'Let its "if:"'} ask for github.event.workflow_run.event == 'push'. github.ref does not tell: it is the default branch, whatever "${upstream}" ran for.`,
        };
      }
    }
  },
};
