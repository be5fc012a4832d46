import { appendFileSync, existsSync, statSync } from 'node:fs';
import { conclusion, isGood, type Outcome, stuckIn } from './outcome';

/** GitHub drops the whole summary of a step where it is larger. */
const LIMIT = 1024 * 1024;

const HEAD_ROW = '<table>\n<tr><th>Tenant</th><th>Ring</th><th>Stuck at</th><th>Reason</th><th>Evidence</th></tr>\n';

/** Rows that anybody would read. */
const ROWS = 200;

/** Adds what a verification came to to the summary of a step of GitHub Actions, as much of it as there is room for. */
export function addToStepSummary(file: string, outcome: Outcome): void {
  const room = LIMIT - (existsSync(file) ? statSync(file).size : 0);
  appendFileSync(file, stepSummary(outcome, room));
}

/** A heading, and a table of those that have not converged: in HTML, where no Markdown is read. */
export function stepSummary(outcome: Outcome, room = LIMIT): string {
  const rows = [
    ...stuckIn(outcome.verification).map(({ tenant, ring, step = '', stalled, reason, evidence }) =>
      row([tenant, ring, stalled ? `${step}, stalled` : step, reason, evidence]),
    ),
    ...outcome.strays.map(({ tenant, message }) => row([tenant, '', 'no file', '', message])),
    ...outcome.leaving.map(({ tenant, message }) => row([tenant, '', 'not gone', '', message])),
  ];
  const head = `### tenantry verify\n\n${isGood(outcome) ? '✅' : '❌'} ${conclusion(outcome)}\n\n`;
  const end = (more: number) =>
    `</table>\n\n${more > 0 ? `... and ${more} more: npx tenantry verify --json names all of them.\n\n` : ''}`;
  if (rows.length === 0) return fitting(head, room);

  let left = room - Buffer.byteLength(head + HEAD_ROW + end(rows.length));
  const shown = rows.slice(0, ROWS).filter((text) => {
    left -= Buffer.byteLength(text);
    return left >= 0;
  });
  return fitting(head + HEAD_ROW + shown.join('') + end(rows.length - shown.length), room);
}

function fitting(text: string, room: number): string {
  return Buffer.byteLength(text) <= room ? text : '';
}

function row(texts: readonly string[]): string {
  return `<tr>${texts.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As code where there is anything, so that nothing in it becomes a link or a mention. */
function escaped(text: string): string {
  const html = text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
  return html === '' ? '' : `<code>${html}</code>`;
}
