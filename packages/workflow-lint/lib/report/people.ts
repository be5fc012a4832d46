import { visible, visibleUpTo } from '@tenantry/text/harmless';
import type { Finding } from '../finding';
import { inWords } from '../in-words';
import type { LintReport } from '../lint';

const WIDEST = 140;
/** Longer than what any rule says. */
const LONGEST = 2_000;

/** What was found, for people: by file, each with its line. Why nobody notices is said once for each rule. */
export function forPeople({ repositories, findings }: LintReport): string {
  const workflows = repositories.flatMap((repository) => repository.workflows);
  const read = `${workflows.length} ${workflows.length === 1 ? 'workflow' : 'workflows'}`;
  if (findings.length === 0) return `No silent mistake in ${read}.`;
  const files = [...new Set(findings.map(({ file }) => file))];
  const explained = new Set<string>();
  const blocks = files.map((file) => {
    const lines = workflows.find(({ source }) => source.file === file)?.source.lines ?? [];
    const own = findings
      .filter((finding) => finding.file === file)
      .map((finding) => {
        const isFirst = !explained.has(finding.rule);
        explained.add(finding.rule);
        return block(finding, lines, isFirst);
      });
    return [visible(file), ...own].join('\n');
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
  explains: boolean,
): string {
  const text = lines[line - 1];
  const parts = [
    `  ${line}:${column}  ${rule}${level === 'warning' ? ' (possibly)' : ''}`,
    `    ${visibleUpTo(LONGEST, message)}`,
    ...(text?.trim() ? excerpt(text, line, column, endColumn) : []),
    ...(explains ? [`    Why nobody notices: ${silent}`] : []),
    `    What to do: ${visibleUpTo(LONGEST, mend)}`,
  ];
  return parts.join('\n');
}

function excerpt(text: string, line: number, column: number, endColumn = column + 1): readonly string[] {
  const number = String(line);
  const shown = shownLine(text);
  // Where the place is in what is shown, which is longer where something would not have been seen.
  const [start, end] = [column, endColumn].map((at) => shownLine(text.slice(0, at - 1)).length) as [number, number];
  if (start >= WIDEST) return [`    ${number} | ${shown}`];
  const carets = '^'.repeat(Math.max(1, end - start));
  return [`    ${number} | ${shown}`, `    ${' '.repeat(number.length)} | ${' '.repeat(start)}${carets}`];
}

function shownLine(text: string): string {
  return visibleUpTo(WIDEST, text.replaceAll('\t', ' '));
}

function count(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`;
}
