import type { Part } from '../workflow/part';
import type { Job, Step, Workflow } from '../workflow/workflow';
import { asks, canFail, doesMore } from './can-fail';
import { all, type Chance } from './chance';
import { evaluate, evaluatePart, type Scope } from './evaluate';
import type { SyntheticEvent } from './event';
import { looksAt } from './script-guard';
import { chanceOf, open, type Plain, unknown } from './value';

export interface StepRun {
  readonly step: Step;
  /** Does it run? */
  readonly chance: Chance;
  /** What its texts are evaluated with. */
  readonly scope: Scope;
}

interface StepRuns {
  readonly steps: readonly StepRun[];
  /** May one of them end the job by what it finds about the event? */
  readonly refuses: boolean;
  /** What the job's outputs are evaluated with. */
  readonly end: Scope;
}

/** The steps of a job, in order: what each can know, and which are guarded by those before them. */
export function runSteps(workflow: Workflow, job: Job, event: SyntheticEvent, jobRuns: Chance, outer: Scope): StepRuns {
  const looks = (step: Step) => looksAt(step, job, workflow, event.differs);
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
  const env = variables(job.env, variables(workflow.env, {}));

  const steps = job.steps.map((step): StepRun => {
    const scope = scopeWith(variables(step.env, env));
    const runs = all([jobRuns, chanceOf(evaluate(step.if?.expression ?? 'success()', scope))]);
    const guards = runs !== 'no' && looks(step);
    const ends = guards && canFail(step);
    // What asks first guards what it does itself, too.
    const chance = ends || (guards && asks(step) && doesMore(step)) ? all([runs, 'guarded']) : runs;
    refuses ||= ends;
    if (step.id !== undefined) {
      const decidedBy = guards ? 'guarded' : 'open';
      const outcome: Plain = chance === 'no' ? 'skipped' : chance === 'yes' && !guards ? 'success' : unknown(decidedBy);
      done[step.id] = { outputs: chance === 'no' ? {} : unknown(decidedBy), outcome, conclusion: outcome };
    }
    return { step, chance, scope };
  });
  return { steps, refuses, end: scopeWith(env) };
}

interface Variables {
  readonly [name: string]: Plain;
}
