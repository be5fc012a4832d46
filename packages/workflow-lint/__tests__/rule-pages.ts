import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forPeople } from '../lib/report/people';
import { RULES } from '../lib/rules';
import { SUPPRESSION } from '../lib/suppression';
import { type CorpusCase, corpus, lintCase } from './corpus';

/** Where the pages of the rules are, one for each. They come from the rules and from cases of the corpus. */
export const PAGES = join(__dirname, '../../../docs/lint');

const GENERATED = '<!-- Generated from packages/workflow-lint by "npm run rule-pages": change it there. -->';
const DESCRIBED = [...RULES, SUPPRESSION];

type Described = (typeof DESCRIBED)[number];

/** Every page by the name of its file. Throws where a rule has not exactly one broken and one mended example. */
export async function rulePages(): Promise<ReadonlyMap<string, string>> {
  const cases = { broken: corpus('broken'), sound: corpus('sound') };
  const pages = new Map([['README.md', index()]]);
  for (const rule of DESCRIBED) {
    pages.set(
      `${rule.id}.md`,
      await page(rule, exampleOf(rule, 'broken', cases.broken), exampleOf(rule, 'sound', cases.sound)),
    );
  }
  return pages;
}

function exampleOf({ id }: Described, kind: 'broken' | 'sound', cases: readonly CorpusCase[]): CorpusCase {
  const [example, ...others] = cases.filter((each) => each.exampleOf === id);
  const which = kind === 'broken' ? 'a broken' : 'a mended';
  if (
    example &&
    others.length === 0 &&
    (kind === 'sound' || example.expected.some((each) => each.endsWith(` ${id}`)))
  ) {
    return example;
  }
  throw new Error(
    `the rule ${id} has not ${which} example for its page: begin one case of packages/workflow-lint/__tests__/corpus/${kind}${kind === 'broken' ? ` that finds ${id}` : ''} with the line "# An example of ${id}", then npm run rule-pages`,
  );
}

function index(): string {
  const rows = DESCRIBED.map(
    ({ id, level, summary }) => `| [\`${id}\`](${id}.md) | ${levelName(level)} | ${summary} |`,
  );
  return `${[
    GENERATED,
    '# What `tenantry lint` finds',
    'A page for each rule: what it finds, why nobody notices, an example, and the same example mended. [workflows.md](../workflows.md#tenantry-lint) tells how it is run.',
    ['| rule | | finds |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')}\n`;
}

async function page(
  { id, level, summary, silent }: Described,
  broken: CorpusCase,
  mended: CorpusCase,
): Promise<string> {
  const files = broken.files.map(({ path, text }) => ({
    path,
    text: text.replace(/[ ]*(#|\/\/) finds [\w -]+$/gm, ''),
  }));
  const { report, root } = await lintCase({ files });
  const own = report.findings.filter(({ rule }) => rule === id);
  const said = forPeople({ ...report, findings: own })
    .replaceAll(`${root}/`, '')
    .split('\n\n')
    .slice(0, -1)
    .join('\n\n');
  return `${[
    GENERATED,
    `# ${id}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}. *A ${levelName(level)}.*`,
    `**Why nobody notices.** ${silent}`,
    '## Broken',
    ...files.map(shown),
    '`tenantry lint` says:',
    `\`\`\`text\n${said}\n\`\`\``,
    '## Mended',
    ...mended.files.map(shown),
    `A finding that is no mistake is answered on its line: \`# tenantry-lint: ignore ${id} because ...\``,
  ]
    .slice(0, id === SUPPRESSION.id ? -1 : undefined)
    .join('\n\n')}\n\n[All rules](README.md)\n`;
}

function shown({ path, text }: CorpusCase['files'][number]): string {
  return `\`${path}\`\n\n\`\`\`yaml\n${text.trimEnd()}\n\`\`\``;
}

function levelName(level: Described['level']): string {
  return level === 'error' ? 'mistake' : 'possible mistake';
}

async function write(): Promise<void> {
  const pages = await rulePages();
  mkdirSync(PAGES, { recursive: true });
  for (const file of readdirSync(PAGES)) if (!pages.has(file)) rmSync(join(PAGES, file));
  for (const [file, text] of pages) writeFileSync(join(PAGES, file), text);
}

if (require.main === module) {
  write().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
