import { type Analysis, deploys } from '../analysis';
import { guardedJobs } from '../guards';
import { inWords } from '../in-words';
import { type Lock, lockOfRun, locksAround } from '../locks';
import type { Rule } from '../rule';
import { happens } from '../simulation/chance';
import { TESTED_COMMIT } from '../simulation/event';
import { SOME_BRANCH } from '../simulation/upstream-runs';
import type { WorkflowRun } from '../simulation/workflow-run';
import { isLiteral } from '../workflow/filter-pattern';
import type { Concurrency, Workflow } from '../workflow/workflow';

/** Of these a repository has one, whatever its filters name. */
const DEFAULTS = ['master', 'trunk'];

export const commitSharesGroup: Rule = {
  id: 'commit-shares-group',
  level: 'error',
  summary: 'a group is named by the commit alone, and branches at one commit drop the runs of each other',
  silent:
    'One commit is mostly on one branch. When another is made of it, or several are pushed at once, their runs meet, and a cancelled run looks as if somebody had cancelled it.',
  *check(analysis) {
    for (const workflow of analysis.workflows) {
      const follower = followerOf(analysis, workflow);
      const pushes = analysis.runsOf(workflow).filter(({ event }) => event.name === 'push');
      for (const concurrency of concurrenciesOf(pushes)) {
        if (concurrency.queueMax) continue;
        const counted = pushes.filter((run) => follower !== undefined || deploysBySteps(analysis, run));
        const groupOf = (run: WorkflowRun) => locksOf(run).find((lock) => lock.concurrency === concurrency)?.group;
        const sharing = counted
          .filter((run) => groupOf(run)?.includes(TESTED_COMMIT))
          .filter((run, _, [first]) => first && groupOf(run) === groupOf(first));
        if (!meet(workflow, concurrency, sharing)) continue;
        const refs = sharing.map(({ event }) => String(event.github.ref_name).replace(SOME_BRANCH, 'any other branch'));
        yield {
          place: concurrency.place,
          message: `the runs for ${inWords(refs, 'and')} share the group "${concurrency.group.text}" when they are at one commit. One runs, one waits, and the next one cancels that which waits${follower === undefined ? '' : `, so that "${follower}" never hears of its success`}`,
          mend: `Put the ref into the name too: \${{ github.ref }}-\${{ github.sha }}. Or say queue: max.`,
        };
      }
    }
  },
};

/** The workflow that deploys after this one, for which each run of it counts. */
function followerOf(analysis: Analysis, workflow: Workflow): string | undefined {
  const after = analysis.workflows.filter((other) => analysis.upstreamsOf(other).includes(workflow));
  return after.find((other) => guardedJobs(analysis, other).length > 0)?.name;
}

function deploysBySteps(analysis: Analysis, run: WorkflowRun): boolean {
  return analysis
    .deployingJobs(run)
    .some((job) => happens(deploys(job)) && (job.deployment.kind === 'deploys' || job.deployment.steps.length > 0));
}

function locksOf(run: WorkflowRun): readonly Lock[] {
  const inner = run.jobs.filter(({ chance }) => chance !== 'no').flatMap((job) => locksAround(run, job));
  return [lockOfRun(run), ...inner].filter((lock) => lock !== undefined);
}

function concurrenciesOf(runs: readonly WorkflowRun[]): ReadonlySet<Concurrency> {
  return new Set(runs.flatMap(locksOf).map(({ concurrency }) => concurrency));
}

/** Are there more refs than have a place in the group? A pattern stands for any number of them. */
function meet({ triggers }: Workflow, { cancelInProgress }: Concurrency, runs: readonly WorkflowRun[]): boolean {
  const push = triggers.get('push');
  const named = [...(push?.list('branches') ?? []), ...(push?.list('tags') ?? [])].map(({ text = '' }) => text);
  const refs = runs.map(({ event }) => String(event.github.ref_name)).filter((ref) => !DEFAULTS.includes(ref));
  const many = refs.some((ref) => !named.filter(isLiteral).includes(ref));
  return refs.length > 1 && (many || refs.length > (cancelInProgress?.text === 'true' ? 1 : 2));
}
