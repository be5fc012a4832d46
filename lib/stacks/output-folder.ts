import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { ExplainedError } from '../text/explained-error';

const LOCK = 'images.lock.json';
const SETTLED = 'settled.json';
const STACKS = 'stacks';
/** All that a synth writes. */
const OUTPUT = [LOCK, SETTLED, 'manifest.json', STACKS];

/** What systems and people leave in any folder: `.DS_Store`, `.gitkeep`, `Thumbs.db`. It stays where it is, and stops nobody. */
const DROPPING = /^(\..*|Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;

/** Thrown when the folder for the output has other things in it, which emptying it would destroy. */
export class ForeignOutput extends ExplainedError {
  override readonly name = 'ForeignOutput';

  constructor(
    readonly path: string,
    readonly found: readonly string[],
  ) {
    super(
      `refusing to empty ${path} for the output: it has ${found.slice(0, 3).join(', ')}, which no synth wrote. Choose another folder`,
    );
  }
}

/** Where a synth writes its stacks and its lock. */
export class OutputFolder {
  readonly path: string;
  private readonly earlierStacks: readonly string[];
  private readonly kept: readonly string[];

  /** @param kept - locks that this run reads, or another one will; they stay where they are, also when they lie in here. */
  constructor(path: string, kept: readonly string[] = []) {
    this.path = resolve(path);
    this.kept = kept.map((one) => resolve(one)).filter((one) => one !== join(this.path, STACKS));
    const stacks = join(this.path, STACKS);
    this.earlierStacks = existsSync(stacks) ? folders(stacks) : [];
  }

  get lock(): string {
    return join(this.path, LOCK);
  }

  /** There where the cluster has nothing that a deploy would change. */
  get settled(): string {
    return join(this.path, SETTLED);
  }

  /**
   * Removes whatever an earlier synth left, so that the next command can't deploy it.
   *
   * @throws ForeignOutput when there is anything else.
   */
  clear(): void {
    mkdirSync(this.path, { recursive: true });
    const entries = readdirSync(this.path, { withFileTypes: true }).filter(
      (entry) => !this.kept.includes(join(this.path, entry.name)) && !(entry.isFile() && DROPPING.test(entry.name)),
    );
    const foreign = entries.map(({ name }) => name).filter((name) => !OUTPUT.includes(name) || this.holdsKept(name));
    if (foreign.length > 0) throw new ForeignOutput(this.path, foreign);
    for (const { name } of entries) rmSync(join(this.path, name), { recursive: true, force: true });
  }

  /** Whether a lock that is kept lies deeper in here. */
  private holdsKept(name: string): boolean {
    return this.kept.some((one) => one.startsWith(join(this.path, name) + sep) && existsSync(one));
  }

  /** The CLI removes the folders of stacks that a synth no longer has, and fails where they are gone already. */
  restoreStackFolders(): void {
    for (const name of this.earlierStacks) mkdirSync(join(this.path, STACKS, name), { recursive: true });
  }
}

function folders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
