import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { ExplainedError } from '../text/explained-error';

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Standard output and error as they came, without colours. Both are empty where they were shown. */
  readonly output: string;
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

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program to its end. Whoever interrupts this process means that one, which hears of it once each time: Terraform saves its state at the
 * first, and gives that up at the second. So it has a group of its own, or a terminal's Ctrl-C would reach it beside this process.
 * This one waits for it.
 *
 * @throws ProgramMissing
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env, shown }: { readonly env: NodeJS.ProcessEnv; readonly shown: boolean },
): Promise<Ended> {
  // Shown by this process: whoever reads may go away, and a program that writes to nobody is killed.
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    if (shown) return process.stdout.write(chunk);
    stdout.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => (shown ? process.stderr.write(chunk) : all.push(chunk)));
  const interrupt = () => child.kill('SIGINT');
  for (const signal of INTERRUPTS) process.on(signal, interrupt);
  try {
    const [code, signal] = await once(child, 'close').catch((cause: Error) => {
      throw new ProgramMissing(program, cause);
    });
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
    return { code, signal, stdout: text(stdout), output: stripVTControlCharacters(text(all)) };
  } finally {
    for (const signal of INTERRUPTS) process.off(signal, interrupt);
  }
}
