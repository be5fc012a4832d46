import { Analysis } from './analysis';
import type { Finding } from './finding';
import { loadGitHubPackages } from './github/packages';
import { type Repository, readRepository } from './repository';
import type { Found, Rule } from './rule';
import { RULES } from './rules';
import { SUPPRESSION, withoutSuppressed } from './suppression';

/** What was looked at, and what was found, by file and line. */
export interface LintReport {
  readonly repositories: readonly Repository[];
  readonly findings: readonly Finding[];
}

/** Looks for the mistakes in the workflows of repositories that talk to each other. Throws NothingToLint where there are none to look at. */
export async function lintRepositories(directories: readonly string[]): Promise<LintReport> {
  await loadGitHubPackages();
  const repositories = directories.map(readRepository);
  const analyses = repositories.map((repository) => new Analysis(repository));
  const found = analyses.flatMap((analysis) =>
    RULES.flatMap((rule) => oncePerPlace(rule.check(analysis, analyses)).map((each) => finding(rule, each))),
  );
  const known = RULES.map(({ id }) => id);
  const findings = repositories.flatMap(({ workflows }) =>
    workflows.flatMap(({ source }) => {
      const own = found.filter(({ file }) => file === source.file);
      return withoutSuppressed(own, source, known).map((each) => ('rule' in each ? each : finding(SUPPRESSION, each)));
    }),
  );
  return { repositories, findings: findings.sort(byPlace) };
}

/** What mends the first that a rule found at a place mends the others: several jobs of a workflow that one job calls, say. */
function oncePerPlace(found: Iterable<Found>): readonly Found[] {
  const first = new Map<string, Found>();
  for (const each of found) {
    const { file, line, column } = each.place;
    const key = `${file}:${line}:${column}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()];
}

function finding(
  { id, level, silent }: Omit<Rule, 'check'>,
  { place, message, mend, level: own = level }: Found,
): Finding {
  return { rule: id, level: own, ...place, message, silent, mend };
}

function byPlace(a: Finding, b: Finding): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.rule.localeCompare(b.rule);
}
