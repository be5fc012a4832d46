import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ExplainedError } from '../explained-error';

const LOCK = 'images.lock.json';
const STACKS = 'stacks';
/** All that a synth writes. */
const OUTPUT = [LOCK, 'manifest.json', STACKS];

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

  /** @param replayed - a lock that this run reads; it stays where it is, also when it lies in here. */
  constructor(
    path: string,
    private readonly replayed?: string,
  ) {
    this.path = resolve(path);
    const stacks = join(this.path, STACKS);
    this.earlierStacks = existsSync(stacks) ? readdirSync(stacks) : [];
  }

  get lock(): string {
    return join(this.path, LOCK);
  }

  /**
   * Removes whatever an earlier synth left, so that the next command can't deploy it.
   *
   * @throws ForeignOutput when there is anything else.
   */
  clear(): void {
    mkdirSync(this.path, { recursive: true });
    const found = readdirSync(this.path);
    const foreign = found.filter((name) => !OUTPUT.includes(name));
    if (foreign.length > 0) throw new ForeignOutput(this.path, foreign);
    for (const path of found.map((name) => join(this.path, name))) {
      if (path !== resolve(this.replayed ?? '')) rmSync(path, { recursive: true, force: true });
    }
  }

  /** The CLI removes the folders of stacks that a synth no longer has, and fails where they are gone already. */
  restoreStackFolders(): void {
    for (const name of this.earlierStacks) mkdirSync(join(this.path, STACKS, name), { recursive: true });
  }
}
