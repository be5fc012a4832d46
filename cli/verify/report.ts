import { divergenceLines } from '../divergence-lines';
import { conclusion, isGood, type Outcome, stuckIn } from './outcome';

/** More would fill a screen. */
const SHOWN = 20;

/** What a verification came to, for people. The conclusion comes last, where a log that is cut keeps it. */
export function report(outcome: Outcome): string {
  if (isGood(outcome)) return conclusion(outcome);
  const stuck = stuckIn(outcome.verification);
  const lines = stuck.map(({ tenant, ring, step, stalled, reason, evidence }) => {
    const where = stalled ? `${step}, and needs a person` : step;
    return `  ${tenant} (${ring}) is stuck at ${where}: ${reason}: ${evidence}`;
  });
  return [
    ...firstOf(lines),
    ...firstOf(divergenceLines([...outcome.strays, ...outcome.leaving])),
    '',
    conclusion(outcome),
  ].join('\n');
}

function firstOf(lines: readonly string[]): string[] {
  const more = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(more > 0 ? [`  ... and ${more} more; --json names all of them`] : [])];
}
