import type { Finding, Place } from './finding';
import { nearNames } from './near-names';
import type { Found, Rule } from './rule';
import type { Source } from './workflow/source';

/** `# tenantry-lint: ignore <rule>[, <rule>] because <reason>`: on the line of a finding, or in the comment before it. */
interface Suppression {
  readonly place: Place;
  readonly rules: readonly string[];
  /** The line that it is about. */
  readonly line: number;
}

const MARK = /#\s*tenantry-lint:\s*(.*)$/g;
const FORM = /^ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s+because\s+\S/;

/** What is wrong with suppressions. It can't be suppressed. */
export const SUPPRESSION: Omit<Rule, 'check'> = {
  id: 'suppression',
  level: 'error',
  summary: 'a comment that should suppress a finding is wrong, or suppresses nothing',
  silent: 'A comment that nobody needs hides the next mistake on its line.',
};

/** Takes away what the comments of a file suppress, and adds what is wrong with them. */
export function withoutSuppressed(
  findings: readonly Finding[],
  source: Source,
  known: readonly string[],
): readonly (Finding | Found)[] {
  const wrong: Found[] = [];
  const suppressions: Suppression[] = [];
  for (const { place, match } of source.matches(MARK, 1, source.lines.length)) {
    const rules = FORM.exec(match[1] ?? '')?.[1]?.split(/\s*,\s*/);
    const stranger = rules?.find((rule) => !known.includes(rule));
    if (!rules) {
      const message = 'this is not of the form "ignore <rule> because <reason>"';
      wrong.push({ place, message, mend: 'Name the rule, and say why it is no mistake here.' });
    } else if (stranger) {
      const message = `there is no rule "${stranger}"${nearNames(stranger, known)}`;
      wrong.push({ place, message, mend: 'Name a rule that there is.' });
    } else suppressions.push({ place, rules, line: lineAbout(source, place.line) });
  }
  const used = new Set<string>();
  const left = findings.filter(({ rule, line }) => {
    const matching = suppressions.filter((each) => each.line === line && each.rules.includes(rule));
    for (const { place } of matching) used.add(`${place.line} ${rule}`);
    return matching.length === 0;
  });
  for (const { place, rules } of suppressions) {
    for (const rule of rules.filter((each) => !used.has(`${place.line} ${each}`))) {
      wrong.push({
        place,
        message: `there is no finding of ${rule} here`,
        mend: 'Take the comment away, or put it where the finding is.',
      });
    }
  }
  return [...left, ...wrong];
}

/** Its own line, where something stands before it; else the next one that is no comment. */
function lineAbout({ lines }: Source, line: number): number {
  const isComment = (text: string | undefined) => text !== undefined && /^\s*#/.test(text);
  let about = line;
  while (isComment(lines[about - 1])) about++;
  return about;
}
