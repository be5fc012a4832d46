import { unlessInterrupted } from './interrupted';
import { findPresence, Presence } from './presence';

export interface LockOptions {
  /** Called with the process that holds the lock, before it's waited for. */
  readonly onWait: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` while no other process holds the lock `file`. The lock of a process that was killed is nobody's. */
export async function withLock<Result>(
  file: string,
  { onWait, signal }: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const presence = await Presence.open();
  const release = () => presence.withdraw(file);
  process.once('exit', release);
  try {
    while (!presence.claim(file)) {
      const holder = await findPresence(file);
      if (!holder) continue;
      onWait(holder.pid);
      await unlessInterrupted(holder.gone(), signal);
    }
    return await work();
  } finally {
    process.off('exit', release);
    release();
    presence.close();
  }
}
