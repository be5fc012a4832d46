import { tenantList } from '../config/tenant-list';
import { commitOf, shortCommit } from '../images/pinned-image';
import { plainText } from '../text/harmless';
import type { Done, Move } from './done';
import { DISPATCHING_BROKEN, DISPATCHING_NEXT, type RunReport } from './run-report';
import { KINDS, type Kind } from './verdict';

const SIGNS: Readonly<Record<Kind, string>> = {
  good: ':white_check_mark:',
  waiting: ':hourglass_flowing_sand:',
  passing: ':cloud:',
  person: ':rotating_light:',
  cancelled: ':no_entry_sign:',
};

/** A message is cut by Slack after 40,000 characters; nobody reads so much. */
const LINES = 12;

/** What Slack's incoming webhooks take, in one line. */
export function slackMessage({ verdict, unannounced, url, done }: RunReport, platform: string): string {
  const { kind, title, evidence, next } = verdict;
  const lines = [
    `${SIGNS[kind]} *${KINDS[kind]}* (${written(platform)}): ${written(title)}`,
    ...(done ? doneLines(done) : []),
    ...evidence.slice(0, LINES).map((line) => `> ${written(line)}`),
    ...next.map((line) => `• ${written(line)}`),
    ...(unannounced.length === 0
      ? []
      : [
          `:rotating_light: *${DISPATCHING_BROKEN}*`,
          ...unannounced.slice(0, LINES).map((image) => `> ${written(`${image.service} ${commitOf(image)}`)}`),
          ...DISPATCHING_NEXT.map((line) => `• ${line}`),
        ]),
    ...(url === undefined ? [] : [`<${url}|The run>`]),
  ];
  return JSON.stringify({ text: lines.join('\n') });
}

/** Without the characters that Slack gives a meaning: no mention, and no link but a plain address. */
function written(text: string): string {
  return plainText(text, 500).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What a run did, a line each. */
function doneLines({ moves, added, deleted, settings }: Done): string[] {
  const tenants = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`> ${what}: ${written(tenantList(names))}`];
  const more = moves.length - LINES;
  return [
    ...moves.slice(0, LINES).map(moveLine),
    ...(more > 0 ? [`> ... and ${more} more`] : []),
    ...tenants('added', added),
    ...tenants('deleted', deleted),
    ...tenants('settings', settings),
  ];
}

function moveLine({ service, from, to, compare, rings, tenants }: Move): string {
  const [before, after] = [written(shortCommit(from)), written(shortCommit(to))];
  const commits = from === to ? `${after} built anew` : `${before} → ${after}`;
  const linked = compare === undefined ? commits : `<${written(compare)}|${commits}>`;
  const who = tenants.length === 1 ? '1 tenant' : `${tenants.length} tenants`;
  return `> ${written(service)} ${linked} in ${written(rings.join(', '))}: ${who}`;
}
