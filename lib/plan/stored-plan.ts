import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ExplainedError } from '../text/explained-error';
import { shownPath } from '../text/shown-path';
import { PlanUnreadable } from './plan-unreadable';

/** As cdktf calls the file that `cdktf diff` leaves. */
const PLAN = 'plan';

/** The plan that `cdktf diff <stack>` left in the output folder. */
export class StoredPlan {
  private readonly folder: string;

  constructor(
    output: string,
    readonly stack: string,
  ) {
    this.folder = join(output, 'stacks', stack);
  }

  /** For a person. */
  get name(): string {
    return `the plan in ${shownPath(this.folder)}`;
  }

  /**
   * Makes it anew, by the command that a person would type.
   *
   * @returns where its images came from, as the synth said it.
   * @throws PlanUnreadable with all that was printed when it can't be made.
   */
  async make(): Promise<string | undefined> {
    const command = ['npx', 'cdktf', 'diff', this.stack] as const;
    // Nobody watches it turn: without this, what it prints is a line for every turn of a wheel.
    const { code, output } = await run(command, { ...process.env, CI: 'true' });
    if (code === 0) return /images: (.*)/.exec(output)?.[1];
    throw new PlanUnreadable(this.name, `it cannot be made (${command.join(' ')}):\n\n${output.trimEnd()}`);
  }

  /**
   * As `terraform show -json` writes it.
   *
   * @throws PlanUnreadable when there is none, or Terraform can't read it.
   */
  async read(): Promise<string> {
    if (!existsSync(join(this.folder, PLAN))) {
      throw new PlanUnreadable(
        this.name,
        `there is none. Make one with "npx cdktf diff ${this.stack}", or let --run do it. Every synth removes the one before`,
      );
    }
    const terraform = process.env.TERRAFORM_BINARY_NAME || 'terraform';
    const { code, stdout, output } = await run(
      [terraform, `-chdir=${this.folder}`, 'show', '-json', PLAN],
      process.env,
    );
    if (code === 0) return stdout;
    throw new PlanUnreadable(this.name, `Terraform cannot read it:\n\n${output.trimEnd()}`);
  }
}

/** Thrown when a program that this one calls can't be run. */
export class ProgramMissing extends ExplainedError {
  override readonly name = 'ProgramMissing';

  constructor(
    readonly program: string,
    cause: Error,
  ) {
    super(`${program} cannot be run (${cause.message}). Is it installed, and in the PATH?`, { cause });
  }
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** Standard output and error as they came, without colours. */
  readonly output: string;
}

async function run([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
  const [code] = await once(child, 'close').catch((cause: Error) => {
    throw new ProgramMissing(program, cause);
  });
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
  return { code: code ?? 1, stdout: text(stdout), output: stripVTControlCharacters(text(all)) };
}
