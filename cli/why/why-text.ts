import { buildText, type IllService, type Why, type WhyProblem } from '../../lib/fleet/why';
import { shortCommit } from '../../lib/images/pinned-image';
import { plainText } from '../../lib/text/harmless';
import { age } from '../status/age';
import { wrapped } from '../status/wrapped';

/** Lines of what the operator says of one problem: the command in it is repeated below, whole. */
const LINES = 6;
/** Characters of a message, and of a line that a service wrote, as long as the operator lets one be. */
const MESSAGE = 600;
const LINE = 300;
/** Characters of a command: whoever cuts one makes another of it. */
const COMMAND = 4_000;

/** Why a tenant is as it is, for people. */
export function whyText(why: Why, now: Date): string {
  const { tenant, ready, stalled, since, message, problems } = why;
  const state = ready === 'True' ? 'is ready' : ready === 'False' ? 'is not ready' : 'may be ready or not';
  const who = stalled ? ' (waits for a person)' : '';
  const good = ready === 'True' ? `: ${message}` : '';
  const verdict = wrapped(plainText(`${tenant} ${state}${lasting(since, now)}${who}${good}`, MESSAGE));
  return [...verdict, ...problems.flatMap((problem) => ['', ...problemLines(problem, now)])].join('\n');
}

function problemLines({ reason, message, since, services, next }: WhyProblem, now: Date): string[] {
  const lines = wrapped(plainText(`${reason}${lasting(since, now)}: ${message}`, MESSAGE));
  const more = lines.length > LINES ? ['  …'] : [];
  return [
    ...lines.slice(0, LINES),
    ...more,
    ...services.flatMap((service) => serviceLines(service, now)),
    `next: ${plainText(next, COMMAND)}`,
  ];
}

function serviceLines(ill: IllService, now: Date): string[] {
  return [
    ...wrapped(plainText(`${buildText(ill)}${meanwhileText(ill)}`), '  '),
    ...ill.evidence.flatMap(({ cause, since, said = [] }) => [
      ...wrapped(plainText(`${cause}${lasting(since, now)}`, LINE + 20), '    '),
      ...said.map((line) => `      | ${plainText(line, LINE)}`),
    ]),
  ];
}

function meanwhileText({ commit, meanwhile }: IllService): string {
  if (meanwhile === undefined) return '';
  if (meanwhile === '') return '; nothing answers meanwhile';
  return meanwhile === commit ? '; others of its pods answer' : `; ${shortCommit(meanwhile)} answers meanwhile`;
}

function lasting(since: string | undefined, now: Date): string {
  if (since === undefined) return '';
  const passed = age(since, now);
  return `, for ${passed === 'now' ? 'a moment' : passed}`;
}
