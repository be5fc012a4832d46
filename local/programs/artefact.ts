import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withLock } from '../processes/lock';

/** No artefact takes this long to make: what is older was left behind by a process that was killed. */
const ABANDONED_AFTER = 3 * 60 * 60 * 1000;

/** Outside every checkout, so that a second clone builds nothing. */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tenantry');
}

/** Fills `output`, an empty folder. `scratch` is for files that only the making needs. */
export type Make = (output: string, scratch: string) => Promise<void>;

/** A folder in the cache, made once from exactly what its key says. */
export class Artefact {
  readonly path: string;

  /**
   * @param name What a person looking into the cache sees.
   * @param determinedBy All that decides what `make` makes.
   */
  constructor(
    readonly name: string,
    determinedBy: readonly string[],
    private readonly make: Make,
  ) {
    const key = createHash('sha256').update(JSON.stringify(determinedBy)).digest('hex').slice(0, 16);
    this.path = join(cacheDirectory(), `${name}-${key}`);
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /** The folder's path; makes it first if it isn't there. Of two processes that want it, one makes it and the other waits. */
  async obtain(): Promise<string> {
    if (this.exists) return this.path;
    mkdirSync(dirname(this.path), { recursive: true });
    await withLock(`${this.path}.lock`, { onWait: () => undefined }, async () => {
      if (!this.exists) await this.makeAside();
    });
    return this.path;
  }

  private async makeAside(): Promise<void> {
    this.removeAbandoned();
    const aside = mkdtempSync(`${this.path}.making-`);
    const cleanUp = () => rmSync(aside, { recursive: true, force: true, maxRetries: 5 });
    process.once('exit', cleanUp);
    try {
      const output = join(aside, 'output');
      const scratch = join(aside, 'scratch');
      mkdirSync(output);
      mkdirSync(scratch);
      await this.make(output, scratch);
      this.keep(output);
    } finally {
      process.off('exit', cleanUp);
      cleanUp();
    }
  }

  /** In one step, so that it's there whole or not at all. On a home shared by machines, which can't see each other's locks, the first one wins. */
  private keep(output: string): void {
    try {
      renameSync(output, this.path);
    } catch (error) {
      if (!this.exists) throw error;
    }
  }

  private removeAbandoned(): void {
    const folder = dirname(this.path);
    for (const name of readdirSync(folder).filter((one) => one.startsWith(`${basename(this.path)}.making-`))) {
      const path = join(folder, name);
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > ABANDONED_AFTER) rmSync(path, { recursive: true, force: true });
    }
  }
}
