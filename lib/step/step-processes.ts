import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const ENDED = 'ended';
const COMMAND = 'command';
const TERRAFORM = resolve(__dirname, 'terraform.sh');
/** Milliseconds between two looks at what still runs. */
const LOOK = 200;

/**
 * The processes of one step of a run, as files in a folder: who ends or awaits them need not be the process that started them. GitHub's runner
 * tells a step to end by signals to its first process alone: INT, 7.5 s later TERM, 2.5 s later KILL; what that process started, it leaves.
 * https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs (`CancelAndKillProcessTree`, `NixKillProcessTree`)
 */
export class StepProcesses {
  constructor(private readonly folder: string) {}

  /** The environment of the step's command: every Terraform below it leaves its number here. */
  begin(env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    return {
      TENANTRY_PROCESSES: this.folder,
      TENANTRY_TERRAFORM: env.TERRAFORM_BINARY_NAME || 'terraform',
      TERRAFORM_BINARY_NAME: TERRAFORM,
    };
  }

  /** @param pid - of the command, which leads a process group. */
  started(pid: number): void {
    writeFileSync(join(this.folder, COMMAND), String(pid));
  }

  /**
   * Tells the step to end, once, whoever asks: Terraform finishes what it is at, saves and unlocks when it is interrupted, and stops at once
   * when that is said twice. While it runs, cdktf hears of it by Terraform's exit alone: at a signal it would leave before Terraform has
   * ended (`hardAbort` of cdktf-cli ends the state machine in @cdktf/cli-core/src/lib/models/deploy-machine.ts).
   */
  end(): void {
    try {
      writeFileSync(join(this.folder, ENDED), '', { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw error;
    }
    const terraforms = this.terraforms.filter(isAlive);
    const command = this.command;
    for (const pid of terraforms) send(pid, 'SIGINT');
    if (terraforms.length === 0 && command !== undefined) send(-command, 'SIGINT');
  }

  /** Interrupts Terraform a second time: it unlocks, and does not wait for what is under way. */
  abandon(): void {
    for (const pid of this.terraforms.filter(isAlive)) send(pid, 'SIGINT');
  }

  /** Since when the step has been told to end. */
  get endedAt(): Date | undefined {
    return timeOf(join(this.folder, ENDED));
  }

  get startedAt(): Date | undefined {
    return timeOf(join(this.folder, COMMAND));
  }

  get hadTerraform(): boolean {
    return this.terraforms.length > 0;
  }

  get isTerraformAlive(): boolean {
    return this.terraforms.some(isAlive);
  }

  get isAlive(): boolean {
    return this.isTerraformAlive || (this.command !== undefined && isAlive(this.command));
  }

  /** Resolves when no Terraform of it runs any more, or at that moment. What else runs has nothing to save, and starts none once the step has been told to end. */
  async withoutTerraform(until: Date): Promise<void> {
    while (this.isTerraformAlive && Date.now() < until.getTime()) await setTimeout(LOOK);
  }

  private get terraforms(): number[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  }

  private get command(): number | undefined {
    const file = join(this.folder, COMMAND);
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }
}

/** Where nobody has collected it, a process that ended still has its number: a zombie. */
function isAlive(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function timeOf(file: string): Date | undefined {
  return existsSync(file) ? statSync(file).mtime : undefined;
}
