import type { Analysis } from '../analysis';
import { deploymentOf } from '../deployment';
import type { Place } from '../finding';
import type { Found, Rule } from '../rule';
import { happens } from '../simulation/chance';
import { evaluate, evaluateText, type Scope } from '../simulation/evaluate';
import { DEFAULT_COMMIT } from '../simulation/event';
import type { StepRun } from '../simulation/run-steps';
import { isUnreachedInJavaScript, isUnreachedInShell } from '../simulation/unreached';
import { textOf } from '../simulation/value';
import type { JobRun, WorkflowRun } from '../simulation/workflow-run';
import type { Part } from '../workflow/part';
import { segments } from '../workflow/template';

const HEAD = 'github.event.workflow_run.head_sha';
const INSTEAD = `Use ${HEAD}; where it also starts otherwise, ${HEAD} || github.sha.`;

export const defaultBranchCommit: Rule = {
  id: 'default-branch-commit',
  level: 'error',
  summary: "under workflow_run, the default branch's last commit is taken for the one that was tested",
  silent:
    'Most of the time the two are the same. They differ when somebody merges while CI runs, and on other branches.',
  *check(analysis) {
    const seen = new Set<string>();
    for (const found of analysis.workflows
      .flatMap((workflow) => runsAfterOthers(analysis, workflow))
      .flatMap((run) => [...inRun(run)])) {
      const key = `${found.place.file}:${found.place.line}`;
      if (!seen.has(key)) yield found;
      seen.add(key);
    }
  },
};

/** After runs of other workflows that tested another commit. */
function runsAfterOthers(analysis: Analysis, workflow: WorkflowRun['workflow']): readonly WorkflowRun[] {
  return analysis
    .runsOf(workflow)
    .filter(({ event: { name, github } }) => name === 'workflow_run' && github.sha === DEFAULT_COMMIT);
}

function* inRun(run: WorkflowRun): Generator<Found> {
  if (run.jobs.some(({ chance }) => happens(chance)))
    yield* inTexts(run.workflow.env ? [run.workflow.env] : [], run.scope);
  for (const job of run.jobs.filter(({ chance }) => happens(chance))) {
    const isDeployment = deploymentOf(job.job, job.workflow) !== undefined;
    yield* inTexts(valuesOf(job.job.part, ['steps', 'if']), job.scope);
    for (const step of job.steps.filter(({ chance }) => happens(chance))) {
      yield* inTexts(valuesOf(step.step.part, ['if']), step.scope);
      yield* inScript(step, job);
      yield* inAction(step);
      if (isDeployment) yield* inCheckout(step, job);
    }
  }
}

/** A condition may well ask whether the commit that was tested is still the last one. */
function valuesOf(part: Part, without: readonly string[]): readonly Part[] {
  return part.entries.filter(({ key }) => !without.includes(key.text ?? '')).map(({ value }) => value);
}

/** Expressions that come to the commit; one that takes another where there is one does not. */
function* inTexts(parts: readonly Part[], scope: Scope): Generator<Found> {
  for (const part of parts.flatMap((each) => [...each.scalars()])) {
    const text = part.text ?? '';
    if (!/github\.sha\b/i.test(text)) continue;
    const places = [...part.source.matches(/github\.sha\b/gi, part.place.line, part.lastLine)];
    for (const segment of segments(text)) {
      if ('literal' in segment) continue;
      const own = places.splice(0, segment.expression.match(/github\.sha\b/gi)?.length ?? 0);
      if (!own[0] || !textOf(evaluate(segment.expression, scope))?.includes(DEFAULT_COMMIT)) continue;
      const message = "github.sha is the default branch's last commit here, not the one that was tested";
      yield { place: own[0].place, message, mend: INSTEAD };
    }
  }
}

function* inScript({ step }: StepRun, { job, workflow }: JobRun): Generator<Found> {
  const script = step.run ?? step.with?.get('script');
  if (!script) return;
  const pattern = step.run ? /(?<!:?-\$\{?)\bGITHUB_SHA\b/g : /\b(context\.sha|GITHUB_SHA)\b/g;
  const env = [workflow.env, job.env, step.env].flatMap((each) => each?.entries ?? []);
  const variables = new Map(env.map(({ key, value }) => [key.text ?? '', value.text ?? '']));
  for (const { place, match } of script.source.matches(pattern, script.place.line, script.lastLine)) {
    if (/^\s*(#|\/\/)|head_?sha/i.test(match.input)) continue;
    if (step.run ? isUnreachedInShell(script, place, variables) : isUnreachedInJavaScript(script, place)) continue;
    const mend = `Pass the commit by env: COMMIT: \${{ ${HEAD} }}. A variable that begins with GITHUB_ can't be set.`;
    yield { place, message: `${match[0]} is the default branch's last commit here, not the one that was tested`, mend };
  }
}

/** Actions that take the commit by themselves. */
function* inAction({ step: { uses, with: inputs } }: StepRun): Generator<Found> {
  if (!uses?.text) return;
  const context = inputs?.get('context')?.text;
  if (
    uses.text.startsWith('docker/build-push-action') &&
    (context === undefined || context.includes('{{defaultContext}}'))
  ) {
    const message = 'without "context:" this builds what github.sha names, whatever is checked out';
    yield { place: uses.place, message, mend: `Check out ${HEAD}, and say context: . (a dot).` };
  }
  const tags = inputs?.get('tags');
  if (uses.text.startsWith('docker/metadata-action') && tags?.text?.includes('type=sha') && context !== 'git') {
    const [place = tags.place] = [...tags.source.matches(/type=sha/g, tags.place.line, tags.lastLine)].map(
      (each) => each.place,
    );
    yield {
      place,
      message: "type=sha is the default branch's last commit here",
      mend: `Say type=raw,value=\${{ ${HEAD} }}.`,
    };
  }
}

function* inCheckout({ step, scope }: StepRun, { job }: JobRun): Generator<Found> {
  if (!step.uses?.text?.startsWith('actions/checkout@') || step.with?.get('repository')) return;
  const ref = step.with?.get('ref');
  const text = ref?.text ?? '';
  if (ref && /head_branch/.test(text)) {
    const message = 'the branch may have another commit by now than the one that was tested';
    yield { place: ref.place, message, mend: `Say ref: \${{ ${HEAD} }}.` };
    return;
  }
  const isDefault =
    text === '' ||
    (/github\.(head_)?ref/.test(text) && /^$|^refs\/heads\/|^[\w./-]+$/.test(evaluateText(text, scope) ?? '-'));
  // One that works with what the run left behind, or names its commit elsewhere, knows which commit it is about.
  const knows = [...job.part.scalars()].some((part) => /head_sha|workflow_run\.id\b/i.test(part.text ?? ''));
  if (!isDefault || knows) return;
  const place: Place = ref?.place ?? step.uses.place;
  yield {
    place,
    message: "this checks out the default branch's last commit, not the one that was tested",
    mend: `Say ref: \${{ ${HEAD} }}.`,
  };
}
