import { workflowCommand } from '../../lib/text/workflow-command';
import type { Outcome } from './outcome';
import { conclusion, isGood, stuckIn } from './outcome';

/** GitHub shows ten errors of a step, and 4,096 characters of each. */
const SHOWN = 10;
const LONGEST = 4_000;

/** Workflow commands that mark a run of GitHub Actions with what went wrong; none where all is well. */
export function annotations(outcome: Outcome): string[] {
  if (isGood(outcome)) return [];
  const errors = [
    ...stuckIn(outcome.verification).map(({ tenant, ring, step, reason, evidence }) =>
      annotation(`${tenant} (${ring}) has not converged`, `stuck at ${step}: ${reason}: ${evidence}`),
    ),
    ...outcome.strays.map(({ tenant, message }) => annotation(`${tenant} has no file`, `${tenant} ${message}`)),
    ...outcome.leaving.map(({ tenant, message }) => annotation(`${tenant} is not gone`, `${tenant} ${message}`)),
  ];
  if (errors.length <= SHOWN) return errors;
  return [annotation('Tenants have not converged', conclusion(outcome)), ...errors.slice(0, SHOWN - 1)];
}

/** An error of a run of GitHub Actions. */
export function annotation(title: string, message: string): string {
  return workflowCommand('error', { title: title.slice(0, LONGEST) }, message.slice(0, LONGEST));
}
