import { calledWorkflow, jobsThatCall, type Repository } from './repository';
import type { Part } from './workflow/part';
import type { Job, Step, Workflow } from './workflow/workflow';

/** The names that a context has, and what is below each of them; `anything` where files do not tell. */
export type Shape = 'anything' | { readonly [name: string]: Shape };

/** Whose an expression is: of no job, of a job, or of one of its steps. */
export interface Where {
  readonly repository: Repository;
  readonly workflow: Workflow;
  readonly job?: Job;
  readonly step?: Step;
}

/** What a context has where an expression stands. */
export function shapeOf(context: string, part: Part, { repository, workflow, job, step }: Where): Shape {
  switch (context) {
    case 'inputs':
      return declared(workflow, ['workflow_call', 'workflow_dispatch'], 'inputs');
    case 'github.event.inputs':
      // A workflow that is called has the event of its caller.
      if (workflow.triggers.has('workflow_call') || !workflow.triggers.has('workflow_dispatch')) return 'anything';
      return declared(workflow, ['workflow_dispatch'], 'inputs');
    case 'secrets':
      return secretsShape(repository, workflow, job);
    case 'jobs':
      return job ? 'anything' : needsShape(repository, workflow.jobs);
    case 'needs': {
      if (!job) return 'anything';
      // The condition of a job sees those that are needed by what it needs, too: https://github.com/actions/runner/issues/2356.
      const isCondition = part.token === job.if?.part.token;
      return needsShape(repository, isCondition ? allBefore(workflow, job) : before(workflow, job));
    }
    case 'steps':
      return job ? stepsShape(stepsBefore(job, step, part.token === step?.if?.part.token)) : 'anything';
    default:
      return 'anything';
  }
}

function before({ jobs }: Workflow, { needs }: Job): readonly Job[] {
  return jobs.filter(({ id }) => needs.includes(id));
}

function allBefore(workflow: Workflow, job: Job): readonly Job[] {
  const found = new Set<Job>();
  const add = (each: Job) => {
    if (found.has(each)) return;
    found.add(each);
    before(workflow, each).forEach(add);
  };
  before(workflow, job).forEach(add);
  return [...found];
}

/**
 * The steps of which something can be there by then. What an action is given is read once more when it cleans up, after the
 * last step: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionRunner.cs reads it in every stage.
 */
function stepsBefore({ part, steps }: Job, step: Step | undefined, isCondition: boolean): readonly Step[] {
  const sideBySide = part.get('steps')?.items.some((each) => each.get('parallel') !== undefined);
  if (!step || sideBySide || (step.uses && !isCondition)) return steps;
  return steps.slice(0, steps.indexOf(step) + 1);
}

/** What a job can read of the jobs before it. */
function needsShape(repository: Repository, needed: readonly Job[]): Shape {
  return Object.fromEntries(
    needed.map((job) => [job.id, { result: 'anything', outputs: outputsShape(repository, job) }] as const),
  );
}

/** Of a job that calls a workflow, the outputs are those of that workflow, where it is of the same repository. */
function outputsShape(repository: Repository, job: Job): Shape {
  if (!job.uses) return namesOf(job.part.get('outputs'));
  const call = calledWorkflow(repository, job.uses)?.triggers.get('workflow_call');
  return call ? namesOf(call.filter('outputs')) : 'anything';
}

/** Actions that are programs, and scripts, have whatever outputs they write. */
function stepsShape(steps: readonly Step[]): Shape {
  return Object.fromEntries(
    steps.flatMap(({ id, action }) => {
      if (id === undefined) return [];
      const outputs = action ? namesOf(action.outputs) : 'anything';
      return [[id, { outputs, outcome: 'anything', conclusion: 'anything' }] as const];
    }),
  );
}

/**
 * Files tell it of a workflow that is only called, and never with all that its caller has, by `secrets: inherit`. The environment
 * of a job has its own. https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows
 */
function secretsShape(repository: Repository, workflow: Workflow, job: Job | undefined): Shape {
  const callers = jobsThatCall(repository, workflow);
  const inherits = callers.some(({ part }) => part.get('secrets')?.text !== undefined);
  const isOnlyCalled = workflow.triggers.size === 1 && workflow.triggers.has('workflow_call');
  if (!isOnlyCalled || callers.length === 0 || inherits || job?.environment) return 'anything';
  const names = declared(workflow, ['workflow_call'], 'secrets');
  return names === 'anything' ? names : { ...names, GITHUB_TOKEN: 'anything' };
}

function declared({ triggers }: Workflow, events: readonly string[], what: 'inputs' | 'secrets'): Shape {
  const names = events.flatMap((event) => triggers.get(event)?.filter(what) ?? []).map(namesOf);
  return names.includes('anything') ? 'anything' : Object.assign({}, ...names);
}

function namesOf(part: Part | undefined): Shape {
  const names = (part?.entries ?? []).map(({ key }) => key.text ?? '');
  const isComputed = [part?.text, ...names].some((text) => text?.includes('${{'));
  return isComputed ? 'anything' : Object.fromEntries(names.map((name) => [name, 'anything'] as const));
}

/** What is below a name, in whatever case; undefined where there is no such name. */
export function below(shape: Shape, name: string): Shape | undefined {
  if (shape === 'anything') return shape;
  return Object.entries(shape).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}
