import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Leaves a watcher on the pipe that this process holds, then becomes the command itself. When the pipe closes, for whatever
 * reason, the watcher kills the command's whole process group: not even SIGKILL on this process leaves anything running.
 */
const LEASH = 'exec 3<&0; (read -r _; kill -KILL 0) <&3 3<&- >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** Whom a process runs as; only root can choose. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface LeashOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: as this process. */
  readonly user?: User | undefined;
  /** Where stdout and stderr go: a file descriptor each, or a pipe to read from. */
  readonly stdout: number | 'pipe';
  readonly stderr: number | 'pipe';
}

export type LeashedProcess = ChildProcess & { readonly stdin: Writable };

/** Starts a command that can't outlive this process. Its pid is the command's own. */
export function spawnOnLeash(
  argv: readonly string[],
  { cwd, env, user, stdout, stderr }: LeashOptions,
): LeashedProcess {
  const child = spawn('sh', ['-c', LEASH, 'sh', ...argv], {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...user,
    // A session of its own, so that the group is the command's, and a Ctrl-C in the terminal is ours to handle.
    detached: true,
    stdio: ['pipe', stdout, stderr],
  }) as LeashedProcess;
  child.stdin.on('error', () => undefined);
  child.once('exit', () => letGo(child));
  return child;
}

/** Kills the command and whatever it started, at once. */
export function letGo(child: LeashedProcess): void {
  child.stdin.destroy();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Its watcher was quicker.
  }
}
