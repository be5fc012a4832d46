import { environmentName } from '../deployment';
import { jobLabel } from '../job-label';
import { locksAround } from '../locks';
import type { Rule } from '../rule';
import type { Job } from '../workflow/workflow';

export const approvalHoldsLock: Rule = {
  id: 'approval-holds-lock',
  level: 'warning',
  summary: 'a run keeps its group while it waits for an approval',
  silent: 'It looks like any run that waits. Behind it one more run waits, and each newer one cancels that.',
  *check(analysis) {
    const seen = new Set<Job>();
    for (const workflow of analysis.workflows) {
      for (const run of analysis.runsOf(workflow)) {
        for (const job of run.jobs.filter(({ chance }) => chance !== 'no')) {
          const environment = environmentName(job.job);
          const before = job.before.find((other) => ![undefined, environment].includes(environmentName(other.job)));
          const lock = locksAround(run, job).find(({ holder }) => holder?.job !== job.job);
          if (environment === undefined || !before || !lock || lock.concurrency.queueMax || seen.has(job.job)) continue;
          seen.add(job.job);
          yield {
            place: job.job.part.keyOf('environment')?.place ?? job.job.place,
            message: `${jobLabel(job)} comes after the environment "${environmentName(before.job)}". If "${environment}" has reviewers, which no file shows, the run keeps the group "${lock.group ?? lock.concurrency.group.text}" until somebody approves`,
            mend: `Give "concurrency:" to each job, one group for an environment. If "${environment}" has no reviewers, say so: # tenantry-lint: ignore approval-holds-lock because ...`,
          };
        }
      }
    }
  },
};
