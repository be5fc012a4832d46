import { printableJson } from '../../lib/text/harmless';
import { inActions } from '../../lib/text/in-actions';
import { annotations } from './annotations';
import { isGood, type Outcome } from './outcome';
import { report } from './report';
import { addToStepSummary } from './step-summary';

/**
 * Tells what a verification came to: on standard output where it is good news or for programs, and to GitHub where this is a step of a
 * workflow. The exit code is the answer too.
 */
export function answer(outcome: Outcome, json: boolean | undefined): void {
  const good = isGood(outcome);
  if (json) console.log(outcomeJson(outcome));
  else if (good) console.log(report(outcome));
  else console.error(report(outcome));

  const { GITHUB_STEP_SUMMARY: summary } = process.env;
  if (summary) summarize(summary, outcome);
  if (inActions()) for (const line of annotations(outcome)) console.error(line);
  if (!good) process.exitCode = 1;
}

/** The answer is the same where it can't be summarized. */
function summarize(file: string, outcome: Outcome): void {
  try {
    addToStepSummary(file, outcome);
  } catch (error) {
    console.error(`there is no summary of this step: ${(error as Error).message}`);
  }
}

function outcomeJson(outcome: Outcome): string {
  const { ring, verification, strays, leaving } = outcome;
  const { tenants, ...waited } = verification;
  return printableJson({ converged: isGood(outcome), ring, ...waited, tenants, strays, leaving }, 2);
}
