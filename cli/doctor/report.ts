import { isDeepStrictEqual } from 'node:util';
import type { Examined, Outcome } from '../../lib/doctor/step';
import { plainText } from '../../lib/text/harmless';

const WORDS: Readonly<Record<Outcome, string>> = {
  done: 'done',
  'not done': 'NOT DONE',
  'not known': 'not known',
  'not needed': 'not needed',
};
const WIDTH = Math.max(...Object.values(WORDS).map(({ length }) => length));

/** What others said of a step, at most. */
const LONGEST = 600;

/** What came of asking for the steps, for people. */
export function doctorReport(steps: readonly Examined[]): string {
  const systems = [...new Set(steps.map(({ system }) => system))];
  const blocks = systems.map((one) => {
    const its = steps.filter(({ system }) => system === one);
    return [one, ...its.flatMap((step) => lines(step, its))].join('\n');
  });
  return [...blocks, conclusion(steps)].join('\n\n');
}

function lines(examined: Examined, all: readonly Examined[]): string[] {
  const { step, outcome, because, how } = examined;
  const first = `  ${WORDS[outcome].padEnd(WIDTH)}  ${step}`;
  const reasons = because.map((reason) => plainText(reason, LONGEST));
  if (outcome === 'not needed') return [`${first}: ${reasons.join('; ')}`];
  // What keeps one step from being known mostly keeps others, too.
  const earlier = all.find((one) => one.outcome === 'not known' && isDeepStrictEqual(one.because, because));
  if (outcome === 'not known' && earlier !== examined) return [`${first}: as ${earlier?.step}`];
  const indent = ' '.repeat(WIDTH + 6);
  return [first, ...reasons.map((reason) => indent + reason), ...(outcome === 'not done' ? [`${indent}→ ${how}`] : [])];
}

function conclusion(steps: readonly Examined[]): string {
  const count = (outcome: Outcome) => steps.filter((one) => one.outcome === outcome).length;
  const [done, undone, unknown] = (['done', 'not done', 'not known'] as const).map(count) as [number, number, number];
  if (undone === 0 && unknown === 0) return `All ${done} steps of the set-up are done.`;
  const parts = [`${done} done`, `${undone} not done`, ...(unknown > 0 ? [`${unknown} not known`] : [])];
  return `Of ${done + undone + unknown} steps: ${parts.join(', ')}. docs/set-up.md has each of them by its name.`;
}
