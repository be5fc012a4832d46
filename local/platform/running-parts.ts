import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError } from '../../lib/explained-error';
import type { Part } from '../parts/part';
import { type LeashedProcess, letGo, spawnOnLeash } from '../processes/leash';
import { lastLines } from '../processes/run';
import type { Layout } from './layout';

/** Milliseconds between two looks, until which a part must be ready, and for which it may take leave. */
const LOOK_EVERY = 50;
const READY_WITHIN = 120_000;
const LEAVE_WITHIN = 3_000;

/** Thrown when a part doesn't become ready, and the reason why a platform ends when one of its parts does. */
export class PartFailed extends ExplainedError {
  override readonly name = 'PartFailed';

  constructor(
    readonly part: string,
    readonly outcome: string,
    readonly log: string,
  ) {
    super(`${part} ${outcome}. Its last lines (all of them: ${log}):\n${logTail(log)}`);
  }
}

export interface RunningPart {
  readonly part: Part;
  readonly process: LeashedProcess;
}

/** The platform's processes, in the order of their start. */
export class RunningParts {
  private readonly running: RunningPart[] = [];
  private stopping = false;

  /**
   * @param onStart Called when a part's process is there, long before it's ready.
   * @param onEnd Called when a part ends that was not told to.
   */
  constructor(
    private readonly layout: Layout,
    private readonly onStart: (part: RunningPart) => void,
    private readonly onEnd: (reason: PartFailed) => void,
  ) {}

  get all(): readonly RunningPart[] {
    return this.running;
  }

  /** Starts a part and returns when it's ready. */
  async start(part: Part): Promise<void> {
    const log = this.layout.log(part.name);
    const child = this.spawn(part, log);
    const failed = new Promise<never>((_, reject) => {
      child.once('exit', (code, signal) => {
        const reason = new PartFailed(
          part.name,
          signal ? `was ended by ${signal}` : `ended with exit code ${code}`,
          log,
        );
        reject(reason);
        if (!this.stopping) this.onEnd(reason);
      });
      child.once('error', reject);
    });
    failed.catch(() => undefined);
    await Promise.race([ready(part, log), failed]);
  }

  /** Ends all of them, the last one first: none loses what it stands on before it has left. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const { process } of this.running.toReversed()) await end(process);
  }

  private spawn(part: Part, log: string): LeashedProcess {
    if (this.stopping) throw new Error('the platform is being stopped');
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, 'w', 0o600);
    try {
      const child = spawnOnLeash(part.argv, {
        env: { ...plainEnvironment(), ...part.env },
        stdout: output,
        stderr: output,
      });
      const running = { part, process: child };
      this.running.push(running);
      this.onStart(running);
      return child;
    } finally {
      closeSync(output);
    }
  }
}

/** Parts read settings from the environment too (ETCD_*, MOTO_* ...): what this machine happens to set must not reach them. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined));
}

async function ready(part: Part, log: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN;
  while (!(await part.isReady())) {
    if (Date.now() > deadline) throw new PartFailed(part.name, `is not ready after ${READY_WITHIN / 1000} s`, log);
    await sleep(LOOK_EVERY);
  }
}

async function end(child: LeashedProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => letGo(child), LEAVE_WITHIN);
  await ended;
  clearTimeout(timer);
}

function logTail(log: string): string {
  try {
    return lastLines(readFileSync(log, 'utf8'));
  } catch {
    return '  (there are none)';
  }
}
