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
  const blocks = systems.map((one) => [one, ...steps.filter(({ system }) => system === one).flatMap(lines)].join('\n'));
  return [...blocks, conclusion(steps)].join('\n\n');
}

function lines({ step, outcome, because, how }: Examined): string[] {
  const indent = ' '.repeat(WIDTH + 4);
  const first = `  ${WORDS[outcome].padEnd(WIDTH)}  ${step}`;
  if (outcome === 'not needed') return [`${first}: ${plainText(because.join('; '), LONGEST)}`];
  return [
    first,
    ...because.map((reason) => `${indent}  ${plainText(reason, LONGEST)}`),
    ...(outcome === 'not done' ? [`${indent}  → ${how}`] : []),
  ];
}

function conclusion(steps: readonly Examined[]): string {
  const count = (outcome: Outcome) => steps.filter((one) => one.outcome === outcome).length;
  const [done, undone, unknown] = (['done', 'not done', 'not known'] as const).map(count) as [number, number, number];
  if (undone === 0 && unknown === 0) return `All ${done} steps of the set-up are done.`;
  const parts = [`${done} done`, `${undone} not done`, ...(unknown > 0 ? [`${unknown} not known`] : [])];
  return `Of ${done + undone + unknown} steps: ${parts.join(', ')}. docs/set-up.md has each of them by its name.`;
}
