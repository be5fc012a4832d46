import { visible } from '../text/harmless';

/**
 * A value out of a plan in a Markdown code span, where no Markdown, HTML, mention or reference is any: as long as its fence is longer than
 * every run of backticks inside, and there is no line end.
 */
export function codeSpan(value: string): string {
  const shown = visible(value);
  // A span can't be empty, and spaces alone would not be seen.
  if (shown.trim() === '') return '`(empty)`';
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = longest > 0 || shown !== shown.trim() ? ' ' : '';
  return `${fence}${padding}${shown}${padding}${fence}`;
}
