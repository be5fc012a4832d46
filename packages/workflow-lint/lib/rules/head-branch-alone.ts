import { saidOfFork } from '../fork-code';
import { guardedJobs, isProposal, usesOrigin } from '../guards';
import { guardPlace, jobLabel } from '../job-label';
import type { Rule } from '../rule';
import { describe, SOME_BRANCH } from '../simulation/upstream-runs';

export const headBranchAlone: Rule = {
  id: 'head-branch-alone',
  level: 'error',
  summary: 'a branch is asked for its name, and not whose it is',
  silent: "A fork's branch has any name that its owner likes, and a run for its pull request bears that name.",
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      for (const { run, deployment, usual, runs, upstream, after } of guardedJobs(analysis, workflow)) {
        const passing = runs.filter((kind) => isProposal(usual, kind));
        const fork = passing.find((kind) => kind.fork);
        // Where any branch gets through, its name is not what is wrong.
        if (!fork || usesOrigin(run) || passing.some(({ branch }) => branch === SOME_BRANCH)) continue;
        yield {
          place: guardPlace(run),
          message: `${jobLabel(run)} ${deployment.sign}, and runs when ${describe(fork, upstream, 'succeeded')}. ${saidOfFork(after(fork))}`,
          mend: `Let its "if:" ask for github.event.workflow_run.event == 'push', or for github.event.workflow_run.head_repository.full_name == github.repository. A "branches:" filter compares the name alone, too.`,
        };
      }
    }
  },
};
