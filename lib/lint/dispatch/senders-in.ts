import type { Workflow } from '../workflow/workflow';
import { actionSenders } from './action-sender';
import { possibleTexts, type Surroundings } from './possible-texts';
import { scriptSenders } from './script-sender';
import type { Sender } from './sender';
import { shellSenders } from './shell-sender';

/** A sender, and every type that it may send; undefined where that can't be seen. */
export interface ResolvedSender extends Sender {
  readonly types: readonly string[] | undefined;
}

/** Everything in a workflow that sends a repository_dispatch; `all` are those that may call it. */
export function sendersIn(workflow: Workflow, all: readonly Workflow[]): readonly ResolvedSender[] {
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap((step) => {
      const around: Surroundings = { workflow, job, step, all };
      return [...actionSenders(step), ...shellSenders(step), ...scriptSenders(step)].map((sender) => ({
        ...sender,
        types: sender.type === undefined ? undefined : possibleTexts(sender.type, around),
      }));
    }),
  );
}
