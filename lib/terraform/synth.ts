import { join } from 'node:path';
import { ExplainedError } from '../text/explained-error';
import { runProgram } from './run-program';

const MAIN = join(__dirname, '../../main.ts');

/** Thrown when nothing was synthesized. */
export class SynthFailed extends ExplainedError {
  override readonly name = 'SynthFailed';
}

/**
 * Runs the program that "cdktf synth" runs, without cdktf around it.
 *
 * @returns what it says of its images: where they come from, and which are held.
 * @throws SynthFailed with what was wrong.
 */
export async function synth(): Promise<string> {
  const { code, stdout, output } = await runProgram(process.execPath, ['-r', '@swc-node/register', MAIN], {
    env: process.env,
    shown: false,
  });
  if (code !== 0) throw new SynthFailed(output.trim());
  return stdout.trim();
}

/** Where the images of a synth come from, as it says it. */
export function imagesIn(said: string): string | undefined {
  return /^images: (.*)/m.exec(said)?.[1];
}
