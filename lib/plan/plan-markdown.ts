import { tenantList } from '../config/tenant-list';
import { shownTime } from './age';
import { codeSpan } from './code-span';
import type { Passage, Piece } from './passage';
import type { PlanReport } from './plan-report';
import { planStory } from './plan-story';

/** GitHub takes comments of 65,536 characters; this leaves room for what a workflow puts around it. */
export const LIMIT = 50_000;

/** The line by which a workflow finds its one comment again; it is not shown. */
export function marker({ platform, stack }: Pick<PlanReport, 'platform' | 'stack'>): string {
  return `<!-- tenantry plan: ${platform} ${stack} -->`;
}

/**
 * What a plan would change, as a comment on a pull request: at most `LIMIT` bytes, cut behind a line.
 *
 * @param whole - where the whole list is, for the end of one that was cut.
 */
export function planMarkdown(report: PlanReport, whole?: string): string {
  const { headline, alarms, notes, sections } = planStory(report);
  const all = report.tenants.map(codeSpan);
  const written = (passage: Passage) => markdown(passage, all);
  const planned = report.plannedAt === undefined ? [] : [`Planned ${planTime(report.plannedAt)}.`];
  const lines = [
    marker(report),
    `### What the next run changes: ${report.stack} of ${codeSpan(report.platform)}`,
    '',
    ...(alarms.length > 0
      ? ['> [!CAUTION]', `> **${written(headline)}**`, ...alarms.map((alarm) => `> - ${written(alarm)}`)]
      : [`**${written(headline)}**`]),
    ...notes.flatMap((note) => ['', `> **Note:** ${written(note)}`]),
    ...sections.flatMap(({ title, lines }) => ['', `**${title}**`, '', ...lines.map((line) => `- ${written(line)}`)]),
    ...planned.flatMap((line) => ['', line]),
  ];
  return cut(lines, whole);
}

function planTime(time: string): string {
  const then = new Date(time);
  return Number.isNaN(then.getTime()) ? 'at a time that is none' : shownTime(then);
}

function cut(lines: readonly string[], whole: string | undefined): string {
  const text = `${lines.join('\n')}\n`;
  if (Buffer.byteLength(text) <= LIMIT) return text;
  const where = whole === undefined ? 'what `npx tenantry plan` prints' : `at ${whole}`;
  const tail = (left: number) => `\n**There are ${left} lines more.** The whole list is ${where}.\n`;
  let room = LIMIT - Buffer.byteLength(tail(lines.length));
  const fitting = lines.findIndex((line) => {
    room -= Buffer.byteLength(line) + 1;
    return room < 0;
  });
  return `${lines.slice(0, fitting).join('\n')}\n${tail(lines.length - fitting)}`;
}

/** @param all - every tenant, as it is shown. */
function markdown(passage: Passage, all: readonly string[]): string {
  return passage.map((piece) => pieceMarkdown(piece, all)).join('');
}

function pieceMarkdown(piece: Piece, all: readonly string[]): string {
  if (typeof piece === 'string') return piece;
  if ('data' in piece) return codeSpan(piece.data);
  if ('tenants' in piece) return tenantList(piece.tenants.map(codeSpan), all);
  return `[${markdown(piece.passage, all)}](${piece.link})`;
}
