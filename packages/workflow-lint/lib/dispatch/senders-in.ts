import type { Repository } from '../repository';
import type { CompositeAction, Step, Workflow } from '../workflow/workflow';
import { actionSenders } from './action-sender';
import { possibleTexts, type Surroundings } from './possible-texts';
import { scriptSenders } from './script-sender';
import type { Sender } from './sender';
import { shellSenders } from './shell-sender';

/** A sender, and every type that it may send; undefined where that can't be seen. */
export interface ResolvedSender extends Sender {
  readonly types: readonly string[] | undefined;
}

/** Composite actions that use others: as deep as GitHub allows. */
const DEEPEST = 10;

/** Everything in a workflow that sends a repository_dispatch; `all` are the repositories that may call it, and whose actions it may use. */
export function sendersIn(workflow: Workflow, all: readonly Repository[]): readonly ResolvedSender[] {
  const workflows = all.flatMap((repository) => repository.workflows);
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap((step) => sendersOf({ workflow, job, step, all: workflows }, all, DEEPEST)),
  );
}

function sendersOf(around: Surroundings, all: readonly Repository[], depth: number): readonly ResolvedSender[] {
  const { step } = around;
  const own = [...actionSenders(step), ...shellSenders(step), ...scriptSenders(step)].map((sender) => ({
    ...sender,
    types: sender.type === undefined ? undefined : possibleTexts(sender.type, around),
  }));
  const action = depth > 0 ? actionOf(step, all) : undefined;
  const used = action?.runs.steps.flatMap((inner) => {
    const within = { ...around, job: action.runs, step: inner, user: around, inputs: action.inputs };
    return sendersOf(within, all, depth - 1);
  });
  // It is the workflow that is looked at: what an action of it does stands where the action is used.
  return [...own, ...(used ?? []).map((sender) => ({ ...sender, place: step.uses?.place ?? sender.place }))];
}

/** The composite action that a step uses, whichever of the repositories has it. */
function actionOf({ uses }: Step, all: readonly Repository[]): CompositeAction | undefined {
  const path = uses?.text?.split('@')[0]?.replace(/\/$/, '') ?? '';
  const found = all.flatMap(({ actions }) => [...actions]).find(([folder]) => path.endsWith(`/${folder}`));
  return found?.[1];
}
