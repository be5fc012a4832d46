import { deploys } from '../analysis';
import { environmentName } from '../deployment';
import { jobLabel } from '../job-label';
import { endsRunning, locksAround } from '../locks';
import type { Rule } from '../rule';
import { happens } from '../simulation/chance';

const PREVIEW = /preview|review/i;

export const cancelsDeployment: Rule = {
  id: 'cancels-deployment',
  level: 'error',
  summary: 'a newer run ends a deployment half-way',
  silent:
    'Somebody pushed again, so a cancelled run looks right. What it had changed stays, half of it; locks that it held stay, too.',
  *check(analysis) {
    const seen = new Set<unknown>();
    for (const workflow of analysis.workflows) {
      for (const run of analysis.runsOf(workflow).filter(({ event }) => !event.proposal)) {
        for (const job of analysis.deployingJobs(run)) {
          if (
            job.deployment.kind !== 'deploys' ||
            !happens(deploys(job)) ||
            PREVIEW.test(environmentName(job.run.job) ?? '')
          )
            continue;
          for (const lock of locksAround(run, job.run)) {
            const cancel = lock.concurrency.cancelInProgress;
            if (!cancel || !endsRunning(lock) || seen.has(cancel.token) || lock.ofOneRun) continue;
            seen.add(cancel.token);
            yield {
              place: cancel.place,
              message: `a newer run ends ${jobLabel(job.run)}, which ${job.deployment.sign}, wherever it is`,
              mend: 'Say cancel-in-progress: false: the newer run waits. Let it be true for pull requests alone, if at all.',
            };
          }
        }
      }
    }
  },
};
