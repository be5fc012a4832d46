import { below, type Shape, shapeOf, type Where } from '../contexts';
import { expressionsIn, placesOf, type Read } from '../expressions';
import { nearNames } from '../near-names';
import { calledWorkflow, jobsThatCall } from '../repository';
import type { Found, Rule } from '../rule';
import { type Access, accessesIn } from '../simulation/accesses';
import type { Job, Step, Workflow } from '../workflow/workflow';

export const unknownReference: Rule = {
  id: 'unknown-reference',
  level: 'error',
  summary: 'an expression names a job, an output, a step, an input or a secret that is not there',
  // https://docs.github.com/en/actions/reference/workflows-and-actions/contexts: what does not exist is an empty string.
  silent:
    'What is not there is empty. A condition on it does not hold, what waits for it never comes, and nothing is red.',
  *check({ repository, workflows }) {
    for (const workflow of workflows) {
      const owners = ownersIn(workflow);
      const seen = new Set<string>();
      for (const read of expressionsIn(workflow)) {
        const where = { repository, workflow, ...owners.get(read.part.token) };
        for (const access of accessesIn(read.expression)) {
          const found = unknownIn(read, access, where);
          if (!found) continue;
          const key = `${found.place.line} ${found.message}`;
          if (!seen.has(key)) yield found;
          seen.add(key);
        }
      }
    }
  },
};

function ownersIn({ jobs }: Workflow): ReadonlyMap<unknown, { readonly job: Job; readonly step?: Step }> {
  return new Map(
    jobs.flatMap((job) => [
      ...[...job.part.scalars()].map(({ token }) => [token, { job }] as const),
      ...job.steps.flatMap((step) => [...step.part.scalars()].map(({ token }) => [token, { job, step }] as const)),
    ]),
  );
}

function unknownIn(read: Read, access: Access, where: Where): Found | undefined {
  const context = contextOf(access.path);
  const names = access.path.slice(context.length);
  let shape = shapeOf(context.join('.'), read.part, where);
  for (const [index, name] of names.entries()) {
    const next = below(shape, name);
    if (next === undefined && shape !== 'anything') {
      if (doesNoHarm(context, shape, access, read)) return undefined;
      return unknown(read, context, names.slice(0, index + 1), Object.keys(shape), where);
    }
    shape = next ?? 'anything';
  }
  return undefined;
}

function contextOf(path: readonly string[]): readonly string[] {
  return /^github\.event\.inputs(\.|$)/.test(path.join('.')) ? path.slice(0, 3) : path.slice(0, 1);
}

/** Is there an answer without it? An input may be left over then, in a workflow that declares none; a secret may be for some callers. */
function doesNoHarm(context: readonly string[], shape: Shape, access: Access, { expression }: Read): boolean {
  const isAnswered = access.hasFallback || access.isNegated || /event_name/i.test(expression);
  if (context.at(-1) === 'inputs') return isAnswered && Object.keys(shape).length === 0;
  return isAnswered && context[0] === 'secrets';
}

function unknown(
  { part }: Read,
  context: readonly string[],
  names: readonly string[],
  known: readonly string[],
  where: Where,
): Found | undefined {
  const all = placesOf([...context, ...names], part);
  const outside = all.filter(({ place }) => !/^\s*#/.test(part.source.lines[place.line - 1] ?? ''));
  // What a script has in a comment is read, and nobody misses it.
  if (all.length > 0 && outside.length === 0) return undefined;
  const [first] = outside;
  const read = first?.match[0].replace(/\s/g, '') ?? [...context, ...names].join('.');
  const written = read.split('.').slice(context.length);
  const { why, mend } = said(context.join('.'), written, known, where);
  return { place: first?.place ?? part.place, message: `${read} is always empty: ${why}`, mend };
}

interface Said {
  readonly why: string;
  readonly mend: string;
}

function said(context: string, names: readonly string[], known: readonly string[], where: Where): Said {
  const { workflow, job } = where;
  const [owner = '', field, output] = names;
  const name = names.at(-1) ?? '';
  const isStep = context === 'steps';
  const near = nearNames(name, known);
  if (context.endsWith('inputs')) {
    const place =
      context === 'inputs' && workflow.triggers.has('workflow_call') ? 'workflow_call' : 'workflow_dispatch';
    return {
      why: `the workflow declares no input "${name}"`,
      mend: known.length > 0 ? `Name an input that there is${near}` : `Declare it under on.${place}.inputs.`,
    };
  }
  if (context === 'secrets') {
    const [caller] = jobsThatCall(where.repository, workflow);
    const file = caller?.part.source.file.split('/').at(-1);
    return {
      why: `the workflow declares no secret "${name}", and "${caller?.id}" of ${file} does not hand on all that it has`,
      mend: `Declare it under on.workflow_call.secrets, and hand it on under "secrets:" of "${caller?.id}".`,
    };
  }
  if (output !== undefined)
    return isStep ? ofAction(owner, output, near, known, where) : ofJob(owner, output, near, known, where);
  if (field !== undefined) {
    return {
      why: `a ${isStep ? 'step has its outputs, its outcome and its conclusion' : 'job has its result and its outputs'}, and no "${field}"`,
      mend: near.endsWith('?') ? `Name one of these${near}` : `Read an output as ${context}.${owner}.outputs.${field}.`,
    };
  }
  if (isStep) {
    const comesLater = job?.steps.some(({ id }) => id?.toLowerCase() === owner.toLowerCase());
    return {
      why: comesLater ? `the step "${owner}" comes later` : `no step of "${job?.id}" has the id "${owner}"`,
      mend: comesLater
        ? `Read it in a step after "${owner}".`
        : known.length > 0
          ? `Name a step by its "id:"${near}`
          : `Give the step "id: ${owner}".`,
    };
  }
  const jobs = workflow.jobs.map(({ id }) => id);
  if (!jobs.some((id) => id.toLowerCase() === owner.toLowerCase())) {
    return { why: `there is no job "${owner}"`, mend: `Name a job that there is${nearNames(owner, jobs)}` };
  }
  return {
    why: `"${job?.id}" does not itself need "${owner}"`,
    mend: `Add "${owner}" to the "needs:" of "${job?.id}".`,
  };
}

function ofJob(owner: string, output: string, near: string, known: readonly string[], where: Where): Said {
  const job = where.workflow.jobs.find(({ id }) => id.toLowerCase() === owner.toLowerCase());
  const called = job?.uses && calledWorkflow(where.repository, job.uses);
  const declare = called ? `under on.workflow_call.outputs of ${called.path}` : `under "outputs:" of "${owner}"`;
  return {
    why: called
      ? `${called.path}, which "${owner}" calls, has no output "${output}"`
      : `"${owner}" has no output "${output}"`,
    mend: known.length > 0 ? `Name an output that there is${near}` : `Declare it ${declare}.`,
  };
}

function ofAction(owner: string, output: string, near: string, known: readonly string[], { job }: Where): Said {
  const uses = job?.steps.find(({ id }) => id?.toLowerCase() === owner.toLowerCase())?.uses?.text;
  return {
    why: `${uses}, which "${owner}" uses, has no output "${output}"`,
    mend: known.length > 0 ? `Name an output that there is${near}` : `Declare it under "outputs:" of ${uses}.`,
  };
}
