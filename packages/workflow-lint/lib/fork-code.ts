import { happens } from './simulation/chance';
import { evaluateText } from './simulation/evaluate';
import { FORK_OWNER, TESTED_COMMIT } from './simulation/event';
import type { StepRun } from './simulation/run-steps';
import type { JobRun } from './simulation/workflow-run';

/** What of a fork gets into a job that runs for its pull request: its code, what its own run made of that, or nothing. */
export function takenFromFork({ steps }: JobRun): 'code' | 'artifact' | undefined {
  const run = steps.filter(({ chance }) => happens(chance));
  return run.some(takesCode) ? 'code' : run.some(takesArtifact) ? 'artifact' : undefined;
}

/** The same for people, as the end of a sentence: with what the fork's code could do harm. */
export function saidOfFork(job: JobRun): string {
  const taken = takenFromFork(job);
  if (taken === 'code') return "The fork's code is checked out there: it runs with the job's secrets and token";
  if (taken === 'artifact') return "What the fork's run left is taken there, beside the job's secrets and token";
  return "The fork's code is not checked out there, so it does not run with the job's secrets";
}

function takesCode({ step, scope }: StepRun): boolean {
  const text = (name: string) => evaluateText(step.with?.get(name)?.text ?? '', scope) ?? '';
  if (step.uses?.text?.startsWith('actions/checkout@')) {
    return text('repository').startsWith(`${FORK_OWNER}/`) || isProposed(text('ref'));
  }
  const script = step.run?.text ?? '';
  return (
    /\bgh\s+pr\s+checkout\b|\bgit\s[^\n]*\bpull\/[^\n]*\/(head|merge)\b/.test(script) ||
    fetches(script, { step, scope })
  );
}

/** By its name a branch of the repository itself would be taken, and a fork's has none there. */
function isProposed(ref: string): boolean {
  return ref === TESTED_COMMIT || /^(refs\/)?pull\//.test(ref);
}

function fetches(script: string, { step, scope }: Pick<StepRun, 'step' | 'scope'>): boolean {
  if (!/\bgit\s+(checkout|switch|reset|merge|fetch)\b/.test(script)) return false;
  const variables = (step.env?.entries ?? []).filter(({ key }) => key.text && script.includes(key.text));
  const read = [script, ...variables.map(({ value }) => value.text ?? '')];
  return read.some((text) => evaluateText(text, scope)?.includes(TESTED_COMMIT));
}

function takesArtifact({ step }: StepRun): boolean {
  const isOfRun = step.with?.get('run-id') ?? step.with?.get('run_id') ?? step.with?.get('workflow');
  return (
    (/download-artifact/.test(step.uses?.text ?? '') && isOfRun !== undefined) ||
    /\bgh\s+run\s+download\b/.test(step.run?.text ?? '') ||
    /downloadArtifact/.test(step.with?.get('script')?.text ?? '')
  );
}
