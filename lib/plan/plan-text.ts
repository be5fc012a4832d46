import { tenantList } from '../config/tenant-list';
import { visible, withoutCommands } from '../text/harmless';
import { ageOf } from './age';
import type { Passage, Piece } from './passage';
import type { PlanReport } from './plan-report';
import { planStory } from './plan-story';

/** What a plan would change, for a terminal. */
export function planText(report: PlanReport, now: Date): string {
  const { headline, alarms, notes, sections } = planStory(report);
  const { plannedAt } = report;
  const all = report.tenants.map(visible);
  const written = (passage: Passage) => withoutCommands(text(passage, all));
  const planned = plannedAt === undefined ? '' : ` Planned ${ageOf(plannedAt, now)}.`;
  const blocks = [
    [`${written(headline)}${planned}`, ...alarms.map((alarm) => `  ${written(alarm)}`)],
    notes.map(written),
    ...sections.map(({ title, lines }) => [
      title,
      ...lines.flatMap((line) => [`  ${written(line)}`, ...links(line).map((link) => `    ${link}`)]),
    ]),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

/** @param all - every tenant, as it is shown. */
function text(passage: Passage, all: readonly string[]): string {
  return passage.map((piece) => pieceText(piece, all)).join('');
}

function pieceText(piece: Piece, all: readonly string[]): string {
  if (typeof piece === 'string') return piece;
  if ('data' in piece) return visible(piece.data);
  if ('tenants' in piece) return tenantList(piece.tenants.map(visible), all);
  return text(piece.passage, all);
}

function links(passage: Passage): string[] {
  return passage.flatMap((piece) => (typeof piece === 'object' && 'link' in piece ? [piece.link] : []));
}
