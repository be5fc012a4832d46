import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ExplainedError } from '../lib/text/explained-error';
import type { Progress } from './processes/progress';
import { readableOutput } from './readable-output';

export interface DeployStep {
  /** What a person reads while it goes on. */
  readonly what: string;
  /** As a person would type it. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether it tells a person by itself how far it is. Then what it prints is shown as it comes. */
  readonly isShown?: boolean;
}

/** Thrown when a step fails. Everything it printed is in the message, unless it was shown. */
export class StepFailed extends ExplainedError {
  override readonly name = 'StepFailed';

  constructor(
    readonly step: DeployStep,
    readonly exitCode: number,
    readonly output: string,
  ) {
    const said = readableOutput(output).trim();
    super(`${said}${said && '\n\n'}${step.what} failed (exit ${exitCode}): ${step.command.join(' ')}`);
  }
}

/**
 * Runs one of the commands that a person could type, and returns what it printed. In the terminal's own process group: a
 * Ctrl-C reaches it too, so that Terraform can give back its lock.
 */
export async function runStep(step: DeployStep, progress: Progress): Promise<string> {
  return step.isShown ? runToEnd(step) : progress.during(step.what, () => runToEnd(step));
}

async function runToEnd(step: DeployStep): Promise<string> {
  const [program, ...args] = step.command;
  const { cwd, env, isShown } = step;
  const shown = isShown ? 'inherit' : 'pipe';
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', shown, shown] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new StepFailed(step, code ?? 1, output);
  return output;
}
