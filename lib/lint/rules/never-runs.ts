import { inWords } from '../in-words';
import { guardPlace, jobLabel } from '../job-label';
import type { Rule } from '../rule';

export const neverRuns: Rule = {
  id: 'never-runs',
  level: 'error',
  summary: 'no run of the other workflow gets past the guard of a job',
  silent: 'The run is green: a job that is skipped counts as a success.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const upstreams = analysis.upstreamsOf(workflow);
      const known =
        upstreams.length > 0 &&
        upstreams.every(({ triggers }) => [...triggers.keys()].every((event) => KNOWN.has(event)));
      if (!known) continue;
      const runs = analysis.runsOf(workflow);
      for (const { index, run } of runs[0] ? analysis.deployingJobs(runs[0]) : []) {
        const condition = run.job.if?.expression ?? '';
        // How the jobs before it end is not in the files.
        if (!/workflow_run\./.test(condition) || /\bneeds\./.test(condition) || run.caller) continue;
        if (runs.some(({ jobs }) => jobs[index]?.chance !== 'no')) continue;
        const starts = new Set(upstreams.flatMap(({ triggers }) => [...triggers.keys()]));
        yield {
          place: guardPlace(run),
          message: `no run of "${upstreams[0]?.name}" gets past the "if:" of ${jobLabel(run)}`,
          mend: `Compare with what it has: it runs on ${inWords([...starts], 'and')}, and a run that went well ends with "success".`,
        };
      }
    }
  },
};

/** Events whose runs are tried with every branch that somebody names. */
const KNOWN = new Set([
  'push',
  'pull_request',
  'workflow_dispatch',
  'workflow_call',
  'merge_group',
  'schedule',
  'workflow_run',
]);
