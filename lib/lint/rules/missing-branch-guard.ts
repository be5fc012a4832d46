import { guardedJobs } from '../guards';
import { guardPlace, jobLabel } from '../job-label';
import type { Rule } from '../rule';
import { describe, isPullRequest, SOME_BRANCH } from '../simulation/upstream-runs';

export const missingBranchGuard: Rule = {
  id: 'missing-branch-guard',
  level: 'error',
  summary: 'a job deploys every branch to the same place',
  silent: 'workflow_run fires for every branch that the workflow before it runs on; the last push wins.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      for (const { run, deployment, usual, runs, upstream, known } of guardedJobs(analysis, workflow)) {
        const other = runs.find((kind) => !isPullRequest(kind) && kind.branch === SOME_BRANCH);
        // A job that makes something of the branch's name, such as a preview, is meant for all of them.
        const usesBranch = [...run.job.part.scalars()].some(({ text }) => /head_?branch/i.test(text ?? ''));
        if (!other || !known || deployment.kind !== 'deploys' || isPullRequest(usual) || usesBranch) continue;
        yield {
          place: guardPlace(run),
          message: `${jobLabel(run)} ${deployment.sign}, and runs when ${describe(other, upstream, 'succeeded')}`,
          mend: `Say branches: [${usual.branch}] under workflow_run, or let its "if:" ask for github.event.workflow_run.head_branch == '${usual.branch}'.`,
        };
      }
    }
  },
};
