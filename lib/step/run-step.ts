import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { StepProcesses } from './step-processes';

export interface StepFiles {
  /** All that the command prints. */
  readonly log: string;
  /** A folder. */
  readonly processes: string;
}

/** Milliseconds between two looks at what was printed. */
const LOOK = 100;
/** Seconds that Terraform has where its cdktf died: as long as it needs, for the job's own limit ends it. */
const ORPHANED = 6 * 3600;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command of a step, shows what it prints, and resolves to its exit code. The command prints into a file and has a session of its own:
 * it outlives this process, which the runner kills ten seconds after it told it to end.
 */
export async function runStep(
  { log, processes }: StepFiles,
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const step = new StepProcesses(processes);
  const environment = { ...process.env, ...env, ...step.begin() };
  const end = () => step.end();
  const file = openSync(log, 'a+');
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    const child = spawn(command, args, { env: environment, detached: true, stdio: ['ignore', file, file] });
    await once(child, 'spawn');
    step.started(child.pid as number);
    // Told before there was a command that could be told.
    if (step.endedAt) process.kill(-(child.pid as number), 'SIGINT');
    await shown(file, child);
    if (step.isTerraformAlive) {
      step.end();
      await step.withoutTerraform(new Date(Date.now() + ORPHANED * 1000));
    }
    return child.exitCode ?? 128 + constants.signals[child.signalCode as NodeJS.Signals];
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    closeSync(file);
  }
}

/** Shows what the file gets until the child has ended. */
async function shown(file: number, child: ChildProcess): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024);
  let position = 0;
  for (;;) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    for (let read = -1; read !== 0; position += read) {
      read = readSync(file, chunk, 0, chunk.length, position);
      process.stdout.write(Buffer.from(chunk.subarray(0, read)));
    }
    if (ended) return;
    await setTimeout(LOOK);
  }
}
