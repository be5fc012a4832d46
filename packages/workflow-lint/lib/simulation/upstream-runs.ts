import { isLiteral, sampleOf } from '../workflow/filter-pattern';
import type { Trigger } from '../workflow/trigger';
import type { Condition, Workflow } from '../workflow/workflow';
import type { Names, UpstreamRun } from './event';

/** What started a run of another workflow, and on which branch. */
export type UpstreamRunKind = Pick<UpstreamRun, 'event' | 'branch' | 'newest'> & { readonly fork: boolean };

/** A branch that no filter names. */
export const SOME_BRANCH = 'some-branch';
const SOME_TAG = 'v1.2.3';
/** What CI usually starts on, where nobody knows what the workflow that is waited for starts on. */
const USUAL = ['push', 'pull_request'];

/** The runs of `upstreams` after which `workflow` may start, by their triggers and its filter: pull requests last. */
export function upstreamRuns(
  names: Names,
  workflow: Workflow,
  upstreams: readonly Workflow[],
): readonly UpstreamRunKind[] {
  const filter = workflow.triggers.get('workflow_run');
  const branches = branchesIn(names, [workflow, ...upstreams]);
  const triggers = upstreams.flatMap((upstream) => [...upstream.triggers.values()]);
  const runs =
    upstreams.length > 0
      ? triggers.flatMap((trigger) => runsOf(trigger, names, branches))
      : USUAL.flatMap((event) => runsByName(event, names, branches));
  // A workflow that asks for the newest commit is for runs about that one alone.
  const newest = conditionsOf(workflow).some(({ expression }) => /github\.sha\b/.test(expression));
  const taken = runs.filter(({ branch }) => filter?.takesBranch(branch) ?? true).map((run) => ({ ...run, newest }));
  const [merged, proposed] = [taken.filter((run) => !isProposed(run)), taken.filter(isProposed)];
  return [...merged, ...proposed.filter((run) => !isPullRequest(run)), ...proposed.filter(isPullRequest)];
}

/** A merge queue tests what it would merge, which may never come to that. */
export function isProposed({ event }: Pick<UpstreamRun, 'event'>): boolean {
  return event === 'merge_group' || isPullRequest({ event });
}

export function isPullRequest({ event }: Pick<UpstreamRun, 'event'>): boolean {
  return event.startsWith('pull_request');
}

/** Every branch that filters and conditions of workflows name, the default branch first, and one that none names. */
export function branchesIn(names: Names, workflows: readonly Workflow[]): readonly string[] {
  const triggers = workflows.flatMap((workflow) => [...workflow.triggers.values()]);
  const patterns = triggers.flatMap((trigger) => trigger.filter('branches')?.texts ?? []);
  const named = patterns.flatMap((pattern) => (isLiteral(pattern) ? pattern : (sampleOf(pattern) ?? [])));
  const compared = workflows.flatMap(branchesInConditions);
  return [...new Set([names.defaultBranch, ...named, ...compared, SOME_BRANCH])];
}

/** Such as those that a condition compares the branch with; what they begin with, too. */
function branchesInConditions(workflow: Workflow): readonly string[] {
  return conditionsOf(workflow).flatMap(({ expression }) => {
    if (!/branch|\bref(_name)?\b/i.test(expression)) return [];
    const literals = [...expression.matchAll(/'([\w./-]+)'/g)].map(([, literal = '']) => literal);
    return literals.map((literal) => literal.replace(/^refs\/heads\//, '').replace(/[/-]$/, '$&x'));
  });
}

function conditionsOf({ jobs }: Workflow): readonly Condition[] {
  return jobs.flatMap((job) => [job.if, ...job.steps.map((step) => step.if)]).filter((each) => each !== undefined);
}

function runsOf(trigger: Trigger, names: Names, branches: readonly string[]): readonly UpstreamRunKind[] {
  if (trigger.event === 'workflow_call') return [];
  const runs = runsByName(trigger.event, names, branches);
  if (trigger.event !== 'push') return runs;
  const pushes = runs.filter(({ branch }) => trigger.takesBranch(branch));
  const tags = trigger.takesTags ? trigger.list('tags').flatMap(({ text = '' }) => sampleOf(text) ?? []) : [];
  return [...pushes, ...tags.map((branch) => ({ event: 'push', branch, fork: false }))];
}

function runsByName(event: string, names: Names, branches: readonly string[]): readonly UpstreamRunKind[] {
  const on = (branch: string, fork = false) => ({ event, branch, fork });
  if (event === 'push' || event === 'workflow_dispatch') return branches.map((branch) => on(branch));
  if (event === 'release') return [on(SOME_TAG)];
  if (event === 'merge_group') return [on(`gh-readonly-queue/${names.defaultBranch}/pr-7-c0ffee`)];
  // Anybody's branch may have the name of one of ours.
  if (isPullRequest({ event })) return [SOME_BRANCH, ...branches].flatMap((branch) => [on(branch), on(branch, true)]);
  return [on(names.defaultBranch)];
}

/** Such as: "CI" succeeded for a fork's pull request from its branch main. */
export function describe({ event, branch, fork }: UpstreamRunKind, name: string, end: string): string {
  const pulled = `${fork ? "a fork's" : 'a'} pull request from ${fork ? 'its' : 'the'} branch ${branch}`;
  if (event === 'merge_group') return `"${name}" ${end} for a merge group, which is not merged yet`;
  const what = isPullRequest({ event }) ? pulled : event === 'push' ? `a push to ${branch}` : `${event} on ${branch}`;
  return `"${name}" ${end} for ${what}`;
}
