import { type Analysis, type DeployingJob, deploys } from '../analysis';
import { inWords } from '../in-words';
import { guardPlace, jobLabel } from '../job-label';
import type { Found, Rule } from '../rule';
import type { JobRun } from '../simulation/workflow-run';
import type { Condition, Workflow } from '../workflow/workflow';

export const neverRuns: Rule = {
  id: 'never-runs',
  level: 'error',
  summary: 'no run of the other workflow gets past the guard of a job',
  silent: 'The run is green: a job that is skipped counts as a success.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const byRef = [...refNeverHolds(analysis, workflow)];
      yield* byRef;
      if (byRef.length > 0) continue;
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
          mend: isTooEarly(workflow, condition)
            ? 'Say types: [completed] below workflow_run: before, a run has no conclusion.'
            : `Compare with what it has: it runs on ${inWords([...starts], 'and')}, and a run that went well ends with "success".`,
        };
      }
    }
  },
};

/** Does a guard ask how a run ended, of a workflow that starts before it has? */
function isTooEarly({ triggers }: Workflow, condition: string): boolean {
  const types = triggers.get('workflow_run')?.types;
  return types !== undefined && !types.includes('completed') && /workflow_run\.conclusion\b/.test(condition);
}

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

/** Events whose runs are of the default branch. */
const OF_THE_DEFAULT_BRANCH = new Set(['workflow_run', 'schedule', 'repository_dispatch']);

/** A condition asks for a branch by the ref of the run, which is the default branch under workflow_run. */
function* refNeverHolds(analysis: Analysis, workflow: Workflow): Generator<Found> {
  const events = [...workflow.triggers.keys()];
  if (
    !events.includes('workflow_run') ||
    !events.every((event) => OF_THE_DEFAULT_BRANCH.has(event) || event === 'push')
  )
    return;
  const runs = analysis.runsOf(workflow);
  const jobs = runs.flatMap((run) => analysis.deployingJobs(run));
  for (const first of runs[0] ? analysis.deployingJobs(runs[0]) : []) {
    const same = jobs.filter(({ index }) => index === first.index);
    if (same.some((job) => deploys(job) !== 'no')) continue;
    const condition = conditionsAround(first, same).find(({ expression }) => REF.test(expression));
    if (!condition) continue;
    const [, literal = '', reversed = ''] = REF.exec(condition.expression) ?? [];
    const branch = (literal || reversed).replace('refs/heads/', '');
    yield {
      place: condition.part.place,
      message: `github.ref is the default branch here, whatever "${analysis.upstreamsOf(workflow)[0]?.name ?? 'the other workflow'}" ran for, so the "if:" of ${jobLabel(first.run)} never holds`,
      mend: `Ask for github.event.workflow_run.head_branch == '${branch}' && github.event.workflow_run.event == 'push'.`,
    };
  }
}

const REF = /\bgithub\.(?:ref|ref_name)\s*==\s*'([^']+)'|'([^']+)'\s*==\s*github\.(?:ref|ref_name)\b/;

/** The conditions that keep a job from deploying: its own, and those of the steps that deploy, where it runs at all. */
function conditionsAround(
  { run, deployment }: DeployingJob,
  same: readonly { readonly run: JobRun }[],
): readonly Condition[] {
  const skipped = same.every((each) => each.run.chance === 'no');
  const conditions = skipped ? [run.job.if] : deployment.steps.map((step) => step.if);
  return conditions.filter((condition) => condition !== undefined);
}
