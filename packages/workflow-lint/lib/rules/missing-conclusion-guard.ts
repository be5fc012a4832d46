import { guardedJobs, guardThatStopsNothing } from '../guards';
import { inWords } from '../in-words';
import { guardPlace, jobLabel } from '../job-label';
import type { Rule } from '../rule';
import { FAILURES } from '../simulation/events-of';

export const missingConclusionGuard: Rule = {
  id: 'missing-conclusion-guard',
  level: 'error',
  summary: 'a job deploys although the workflow that it waits for did not succeed',
  silent: 'workflow_run fires however a run ends, and the deployment itself is green.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      for (const { run, deployment, conclusions, upstream } of guardedJobs(analysis, workflow)) {
        if (conclusions.length === 0) continue;
        const ends = conclusions.filter((conclusion) => FAILURES.includes(conclusion));
        const whatever = ends.length === FAILURES.length;
        const ended = whatever ? ['failed', 'was cancelled', 'was skipped'] : ends.map((end) => `ended with ${end}`);
        const begun = ends.length < conclusions.length;
        const guard = guardThatStopsNothing(run, ['conclusion']);
        yield {
          place: guardPlace(run),
          message: `${jobLabel(run)} ${deployment.sign}, and runs when "${upstream}" ${inWords([...ended, ...(begun ? ['has only begun'] : [])], 'or')}${guard?.message ?? ''}`,
          mend: `${guard ? `${guard.mend} let the "if:" of the job` : 'Let its "if:"'} ask for github.event.workflow_run.conclusion == 'success'${begun ? ', and say types: [completed]' : ''}.${STATUS}`,
        };
      }
    }
  },
};

const STATUS = ' success() asks for the jobs of the same run, never for the run before.';
