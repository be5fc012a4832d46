import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError } from '../../lib/text/explained-error';
import type { Part } from '../parts/part';
import { type LeashedProcess, letGo, spawnOnLeash } from '../processes/leash';
import { lastLines } from '../processes/run';

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

/** A part from one start to its end. */
export class PartProcess {
  /** How it ended. Never rejected. */
  readonly ended: Promise<PartFailed>;
  private told = false;

  private constructor(
    readonly part: Part,
    private readonly child: LeashedProcess,
    private readonly log: string,
  ) {
    this.ended = new Promise((resolve) => {
      const ended = (outcome: string) => resolve(new PartFailed(part.name, outcome, log));
      child.once('exit', (code, signal) => ended(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
      child.once('error', (error) => ended(`can not be started: ${error.message}`));
    });
  }

  /** Starts a part; what it says is added to the file `log`. */
  static start(part: Part, log: string): PartProcess {
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, 'a', 0o600);
    try {
      const { argv, cwd, user } = part;
      const env = { ...plainEnvironment(), ...part.env };
      return new PartProcess(part, spawnOnLeash(argv, { cwd, user, env, stdout: output, stderr: output }), log);
    } finally {
      closeSync(output);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Has it been told to end? */
  get isToldToEnd(): boolean {
    return this.told;
  }

  /** Returns when it's ready. */
  async ready(): Promise<void> {
    const failed = this.ended.then((reason) => Promise.reject(reason));
    failed.catch(() => undefined);
    const deadline = Date.now() + READY_WITHIN;
    while (!(await Promise.race([this.part.isReady(), failed]))) {
      if (Date.now() > deadline)
        throw new PartFailed(this.part.name, `is not ready after ${READY_WITHIN / 1000} s`, this.log);
      await sleep(LOOK_EVERY);
    }
  }

  /** Asks it to end, and ends it if it takes too long. */
  async stop(): Promise<void> {
    this.told = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return;
    const ended = once(this.child, 'exit');
    this.child.kill(this.part.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => letGo(this.child), LEAVE_WITHIN);
    await ended;
    clearTimeout(timer);
  }
}

/** Parts read settings from the environment too (ETCD_*, MOTO_*, PG* ...): what this machine happens to set must not reach them. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined));
}

function logTail(log: string): string {
  try {
    return lastLines(readFileSync(log, 'utf8'));
  } catch {
    return '  (there are none)';
  }
}
