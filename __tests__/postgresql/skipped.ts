import type { Progress } from '../../local/processes/progress';

/** Where something can't be had, one line says what is skipped, and why. */
export function sayWhatIsSkipped(progress: Progress, needs: string, error: unknown): void {
  const reason = (error as Error).message.trimEnd().split('\n').at(-1)?.trim();
  progress.say(`tests that need ${needs} are skipped: ${reason}`);
}
