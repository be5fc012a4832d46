import type { Finding } from '../finding';
import { inWords } from '../in-words';
import type { LintReport } from '../lint';

const WIDEST = 140;

/** What was found, for people: by file, each with its line. */
export function forPeople({ repositories, findings }: LintReport): string {
  const workflows = repositories.flatMap((repository) => repository.workflows);
  const read = `${workflows.length} ${workflows.length === 1 ? 'workflow' : 'workflows'}`;
  if (findings.length === 0) return `No silent mistake in ${read}.`;
  const files = [...new Set(findings.map(({ file }) => file))];
  const blocks = files.map((file) => {
    const lines = workflows.find(({ source }) => source.file === file)?.source.lines ?? [];
    const own = findings.filter((finding) => finding.file === file).map((finding) => block(finding, lines));
    return [printable(file), ...own].join('\n');
  });
  const errors = findings.filter(({ level }) => level === 'error').length;
  const counts = [count(errors, 'mistake'), count(findings.length - errors, 'possible mistake')].filter(
    (text) => text !== '',
  );
  return [...blocks, `${inWords(counts, 'and')} in ${files.length} of ${read}.`].join('\n\n');
}

function block(
  { rule, level, line, column, endColumn, message, silent, mend }: Finding,
  lines: readonly string[],
): string {
  const text = lines[line - 1];
  const parts = [
    `  ${line}:${column}  ${rule}${level === 'warning' ? ' (possibly)' : ''}`,
    `    ${printable(message)}`,
    ...(text?.trim() ? excerpt(text, line, column, endColumn) : []),
    `    Why nobody notices: ${silent}`,
    `    What to do: ${printable(mend)}`,
  ];
  return parts.join('\n');
}

function excerpt(text: string, line: number, column: number, endColumn = column + 1): readonly string[] {
  const number = String(line);
  const shown = printable(text).slice(0, WIDEST);
  if (column > shown.length) return [`    ${number} | ${shown}`];
  // A tab before the place is as wide below it.
  const before = shown.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(endColumn, shown.length + 1) - column));
  return [`    ${number} | ${shown}`, `    ${' '.repeat(number.length)} | ${before}${carets}`];
}

/** What is in a file may be anything. A terminal is to show it, and not to do it. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => (character === '\t' ? '\t' : '\u00b7'));
}

function count(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`;
}
