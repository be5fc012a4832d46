import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface Usage {
  /** Seconds of processor, user and system. */
  readonly cpu: number;
  /** Seconds on the clock, with the start of Node.js. */
  readonly wall: number;
  /** MiB at the peak. */
  readonly memory: number;
}

/** Runs a TypeScript program as cdktf.json does, and says what the whole process used. */
export async function measuredProcess(program: string, env: NodeJS.ProcessEnv): Promise<Usage> {
  const started = performance.now();
  const args = ['-r', '@swc-node/register', '-r', join(__dirname, 'usage.js'), program];
  const child = spawn(process.execPath, args, {
    cwd: join(__dirname, '..'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const said = text(child.stdio[3] as Readable);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
  return { ...JSON.parse(await said), wall: (performance.now() - started) / 1000 };
}

/** The middle of several runs, figure by figure. */
export function median(usages: readonly Usage[]): Usage {
  const middle = (figure: keyof Usage) =>
    usages.map((usage) => usage[figure]).sort((a, b) => a - b)[usages.length >> 1] as number;
  return { cpu: middle('cpu'), wall: middle('wall'), memory: middle('memory') };
}
