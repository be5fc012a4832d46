import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { lintRepositories } from '../lib/lint';

/**
 * A set of workflows in one file of the corpus. Each document is a file of `.github/workflows`, named by the comment behind
 * its `---`: `ci.yml`, or `<repository>/ci.yml` where several repositories talk to each other. An action is named by where it is:
 * `.github/actions/announce/action.yml`, or the same below `<repository>/`.
 */
export interface CorpusCase {
  readonly name: string;
  /** The rule on whose page it stands, as its first line says: `# An example of <rule>`. */
  readonly exampleOf: string | undefined;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** `<path>:<line> <rule>`, of the lines that say `finds <rule>`. */
  readonly expected: readonly string[];
}

export function corpus(kind: 'broken' | 'sound'): readonly CorpusCase[] {
  const folder = join(__dirname, 'corpus', kind);
  return readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [head, ...parts] = text.split(/^--- # (.+)$\n/m);
    const files = parts.flatMap((path, index) => (index % 2 === 0 ? [{ path, text: parts[index + 1] ?? '' }] : []));
    return {
      name: basename(file, '.yml'),
      exampleOf: /^# An example of ([\w-]+)$/m.exec(head ?? '')?.[1],
      files,
      expected: files.flatMap(expectations).sort(),
    };
  });
}

function expectations({ path, text }: CorpusCase['files'][number]): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const rules = /(?:#|\/\/) finds ([\w -]+)$/.exec(line)?.[1]?.split(' ') ?? [];
    return rules.map((rule) => `${path}:${index + 1} ${rule}`);
  });
}

/** What the linter finds in it, in the form of `expected`, and what it says. */
export async function lintCase({ files }: Pick<CorpusCase, 'files'>) {
  const root = mkdtempSync(join(tmpdir(), 'tenantry-lint-'));
  try {
    const written = files.map(({ path, text }) => {
      const file = path.includes('.github/')
        ? join(root, path)
        : join(root, dirname(path), '.github/workflows', basename(path));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return { file, path };
    });
    const roots = files.map(({ path }) => (path.includes('.github/') ? path.split('.github/')[0] : dirname(path)));
    const directories = [...new Set(roots.map((each) => resolve(root, each ?? '')))];
    const report = await lintRepositories(directories);
    const pathOf = (file: string) => written.find((each) => each.file === resolve(file))?.path ?? relative(root, file);
    return {
      report,
      root,
      found: report.findings.map(({ file, line, rule }) => `${pathOf(file)}:${line} ${rule}`).sort(),
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}
