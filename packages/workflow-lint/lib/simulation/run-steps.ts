import type { Part } from '../workflow/part';
import type { CompositeAction, Job, Step, Workflow } from '../workflow/workflow';
import { asks, canFail, doesMore } from './can-fail';
import { all, type Chance } from './chance';
import { evaluate, evaluatePart, evaluateText, type Scope } from './evaluate';
import type { SyntheticEvent } from './event';
import { looksAt } from './script-guard';
import { chanceOf, open, type Plain, unknown } from './value';

export interface StepRun {
  readonly step: Step;
  /** Does it run? */
  readonly chance: Chance;
  /** What its texts are evaluated with. */
  readonly scope: Scope;
  /** The steps of the composite action that it uses. */
  readonly inner: readonly StepRun[];
}

interface StepRuns {
  readonly steps: readonly StepRun[];
  /** May one of them end the job by what it finds about the event? */
  readonly refuses: boolean;
  /** What the job's outputs are evaluated with. */
  readonly end: Scope;
}

/** The steps of a job, in order: what each can know, and which are guarded by those before them. */
export function runSteps(
  workflow: Workflow,
  job: Job,
  event: SyntheticEvent,
  jobRuns: Chance,
  outer: Scope,
  user?: ActionUser,
): StepRuns {
  const looks = (step: Step) =>
    looksAt(step, job, workflow, event.differs) || (user?.looks === true && readsInputs(step));
  const writers = job.steps.filter(({ run }) => run?.text?.includes('GITHUB_ENV'));
  const written = writers.some(looks) ? 'guarded' : 'open';
  const done: { [id: string]: Plain } = {};
  let refuses = false;
  const scopeWith = (env: Variables): Scope => ({
    contexts: {
      ...{ ...outer.contexts, job: open(), runner: open(), steps: { ...done } },
      env: writers.length > 0 ? open(env, written) : env,
    },
    status: { success: refuses ? 'guarded' : 'yes', failure: 'open' },
  });
  const variables = (part: Part | undefined, before: Variables): Variables => {
    const scope = scopeWith(before);
    const own = (part?.entries ?? []).map(({ key, value }) => [key.text ?? '', evaluatePart(value, scope)]);
    return { ...before, ...Object.fromEntries(own) };
  };
  const env = user?.env ?? variables(job.env, variables(workflow.env, {}));

  const steps = job.steps.map((step): StepRun => {
    const own = variables(step.env, env);
    const scope = scopeWith(own);
    const runs = all([jobRuns, chanceOf(evaluate(step.if?.expression ?? 'success()', scope))]);
    const guards = runs !== 'no' && looks(step);
    const ends = guards && canFail(step);
    // What asks first guards what it does itself, too.
    const chance = ends || (guards && asks(step) && doesMore(step)) ? all([runs, 'guarded']) : runs;
    const action =
      step.action &&
      runSteps(workflow, step.action.runs, event, chance, insideOf(step.action, step, scope), {
        env: own,
        looks: looks(step),
      });
    refuses ||= ends || (action?.refuses ?? false);
    if (step.id !== undefined) {
      const decidedBy = guards ? 'guarded' : 'open';
      const outcome: Plain = chance === 'no' ? 'skipped' : chance === 'yes' && !guards ? 'success' : unknown(decidedBy);
      done[step.id] = { outputs: chance === 'no' ? {} : unknown(decidedBy), outcome, conclusion: outcome };
    }
    return { step, chance, scope, inner: action?.steps ?? [] };
  });
  return { steps, refuses, end: scopeWith(env) };
}

/** What a composite action is used with. */
interface ActionUser {
  readonly env: Variables;
  /** Does the step that uses it look at the event, so that the action may by its inputs? */
  readonly looks: boolean;
}

function readsInputs({ part }: Step): boolean {
  return [...part.scalars()].some(({ text }) => /\binputs\b/.test(text ?? ''));
}

/** What the steps of an action are evaluated with: its inputs are texts, all of them. */
function insideOf({ inputs }: CompositeAction, user: Step, scope: Scope): Scope {
  const given = (inputs?.entries ?? []).map(({ key, value }): [string, Plain] => {
    const part = user.with?.get(key.text ?? '') ?? value.get('default');
    return [key.text ?? '', part ? (evaluateText(part.text ?? '', scope) ?? evaluatePart(part, scope)) : ''];
  });
  return { contexts: { ...scope.contexts, inputs: Object.fromEntries(given) } };
}

interface Variables {
  readonly [name: string]: Plain;
}
