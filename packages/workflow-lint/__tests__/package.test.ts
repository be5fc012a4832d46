import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../../..');
const PACKAGE = 'packages/workflow-lint';
const TEXT = 'lib/text';

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
  readonly link?: boolean;
}

const LOCKED: Readonly<Record<string, LockedPackage>> = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
).packages;

/** What Node finds by a name from a folder, as the lockfile has it. */
function locked(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    const found = LOCKED[path];
    if (found) return found.link ? (found.resolved ?? path) : path;
    if (folder === '.') throw new Error(`${from} needs ${name}, which the lockfile does not have: run npm install`);
  }
}

/** Everything that is installed with a package. */
function installedWith(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const { dependencies, optionalDependencies } = LOCKED[path] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) installedWith(locked(name, path), seen);
  return seen;
}

/** What the files of a package import, types apart, by file. */
function importsOf(folder: string): readonly { readonly file: string; readonly imported: string }[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => /(?<!\.d)\.[tj]s$/.test(name) && !name.startsWith('__tests__'));
  expect(files).not.toEqual([]);
  return files.flatMap((name) => {
    const file = join(folder, name);
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext, allowJs: true },
    });
    return ts
      .preProcessFile(outputText, true, true)
      .importedFiles.map(({ fileName }) => ({ file, imported: fileName }));
  });
}

describe('the linter is a package of its own', () => {
  test.each([PACKAGE, TEXT])(
    '%s imports itself, Node, and what its package.json lists with an exact version',
    (folder) => {
      const { dependencies }: LockedPackage = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
      for (const version of Object.values(dependencies ?? {})) expect(version).toMatch(/^\d+\.\d+\.\d+$/);

      const foreign = importsOf(folder).filter(({ file, imported }) => {
        if (imported.startsWith('.')) return relative(folder, join(dirname(file), imported)).startsWith('..');
        const [name] = /^(@[^/]+\/)?[^/]+/.exec(imported) ?? [];
        return !imported.startsWith('node:') && dependencies?.[name ?? ''] === undefined;
      });
      expect(foreign).toEqual([]);
    },
  );

  test('is installed with these packages and no other: nothing of AWS, Terraform or Kubernetes', () => {
    expect([...installedWith(PACKAGE)].sort()).toEqual([
      TEXT,
      ...[
        '@actions/expressions',
        '@actions/languageservice',
        '@actions/workflow-parser',
        'commander',
        'cronstrue',
        'fastest-levenshtein',
        'typescript',
        'vscode-languageserver-textdocument',
        'vscode-languageserver-types',
        'vscode-uri',
        'yaml',
      ].map((name) => `node_modules/${name}`),
      PACKAGE,
    ]);
  });
});
