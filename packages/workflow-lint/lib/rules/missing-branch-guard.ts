import { type Analysis, callersOf } from '../analysis';
import { guardedJobs } from '../guards';
import { guardPlace, jobLabel } from '../job-label';
import type { Rule } from '../rule';
import { describe, isProposed, SOME_BRANCH, type UpstreamRunKind } from '../simulation/upstream-runs';
import type { Workflow } from '../workflow/workflow';

export const missingBranchGuard: Rule = {
  id: 'missing-branch-guard',
  level: 'error',
  summary: 'a job deploys every branch to the same place',
  silent: 'workflow_run fires for every branch that the workflow before it runs on; the last push wins.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      for (const { run, deployment, usual, runs, upstream, known } of guardedJobs(analysis, workflow)) {
        const elsewhere = runs.filter((kind) => !isProposed(kind) && kind.branch !== usual.branch);
        const other =
          elsewhere.find(({ branch }) => branch === SOME_BRANCH) ??
          elsewhere.find((kind) => kind.event === 'push' && isTakenByAccident(analysis, workflow, usual, kind));
        // A job that makes something of the branch's name, such as a preview, is meant for all of them.
        const parts = [run, ...callersOf(run)].flatMap(({ job, workflow: { env } }) =>
          env ? [job.part, env] : job.part,
        );
        const usesBranch = parts.some((part) =>
          [...part.scalars()].some(({ text }) => /head_?branch/i.test(text ?? '')),
        );
        if (!other || !known || deployment.kind !== 'deploys' || isProposed(usual) || usesBranch) continue;
        yield {
          place: guardPlace(run),
          message: `${jobLabel(run)} ${deployment.sign}, and runs when ${describe(other, upstream, 'succeeded')}`,
          mend: `Say branches: [${usual.branch}] under workflow_run, or let its "if:" ask for github.event.workflow_run.head_branch == '${usual.branch}'.`,
        };
      }
    }
  },
};

/** Of these a repository has one, whatever its filters name. */
const DEFAULTS = ['main', 'master', 'trunk'];

/** Is it a branch that the other workflow names, and this one does not? */
function isTakenByAccident(
  analysis: Analysis,
  workflow: Workflow,
  usual: UpstreamRunKind,
  { branch }: UpstreamRunKind,
): boolean {
  const filter = workflow.triggers.get('workflow_run');
  const isNamed = filter?.filter('branches') !== undefined || filter?.filter('branches-ignore') !== undefined;
  const isBranch = analysis.upstreamsOf(workflow).some(({ triggers }) => triggers.get('push')?.takesBranch(branch));
  return !isNamed && isBranch && !(DEFAULTS.includes(branch) && DEFAULTS.includes(usual.branch));
}
