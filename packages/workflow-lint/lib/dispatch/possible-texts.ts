import type { Part } from '../workflow/part';
import { type Segment, segments } from '../workflow/template';
import type { Job, Step, Workflow } from '../workflow/workflow';

/** Where a text stands, and which workflows may call the one that it is in. */
export interface Surroundings {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step: Step;
  readonly all: readonly Workflow[];
  /** Of a step of a composite action: the step that uses it, and what the action takes. */
  readonly user?: Surroundings;
  readonly inputs?: Part | undefined;
}

/** A variable may be made from another, but hardly in a circle. */
const DEEPEST = 5;
const MOST = 100;

/** Everything that a text may say, by inputs, variables and matrices that are written down; undefined where others decide. */
export function possibleTexts(text: string, around: Surroundings, depth = 0): readonly string[] | undefined {
  if (depth > DEEPEST) return undefined;
  const pieces = segments(text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, braced, bare) => `\${{ env.${braced ?? bare} }}`));
  let texts: readonly string[] = [''];
  for (const piece of pieces) {
    const next = valuesOf(piece, around, depth);
    if (next === undefined || next.length * texts.length > MOST) return undefined;
    texts = texts.flatMap((before) => next.map((after) => before + after));
  }
  return texts;
}

function valuesOf(piece: Segment, around: Surroundings, depth: number): readonly string[] | undefined {
  if ('literal' in piece) return [piece.literal];
  const [, context, name = ''] = /^(env|inputs|matrix)\.([\w-]+)$/.exec(piece.expression) ?? [];
  const { user } = around;
  if (user && context === 'inputs') {
    const given = user.step.with?.get(name)?.text;
    if (given !== undefined) return possibleTexts(given, user, depth + 1);
    const fallback = around.inputs?.get(name)?.get('default')?.text;
    return fallback === undefined ? undefined : [fallback];
  }
  const parts =
    context === 'env'
      ? variable(name, around)
      : context === 'inputs'
        ? inputs(name, around)
        : context === 'matrix'
          ? matrix(name, around)
          : undefined;
  const texts = parts?.map((part) =>
    part.text === undefined ? undefined : possibleTexts(part.text, around, depth + 1),
  );
  return texts && texts.length > 0 && texts.every((each) => each !== undefined) ? texts.flat() : undefined;
}

function variable(name: string, { workflow, job, step }: Surroundings): readonly Part[] {
  return [step.env, job.env, workflow.env].flatMap((env) => env?.get(name) ?? []).slice(0, 1);
}

/** What those who call the workflow give, and what it takes where they do not. */
function inputs(name: string, { workflow, all }: Surroundings): readonly Part[] {
  const fallback = workflow.triggers.get('workflow_call')?.filter('inputs')?.get(name)?.get('default');
  const callers = all.flatMap(({ jobs }) =>
    jobs.filter(({ uses }) => uses?.text?.split('@')[0]?.endsWith(workflow.path)),
  );
  return callers.flatMap(({ part }) => part.get('with')?.get(name) ?? fallback ?? []);
}

function matrix(name: string, { job }: Surroundings): readonly Part[] {
  const included = job.matrix?.get('include')?.items.flatMap((item) => item.get(name) ?? []) ?? [];
  return [...(job.matrix?.get(name)?.items ?? []), ...included];
}
