import { visibleLines } from './harmless';

/** An error that a person can mend: its message says what failed and what to do next, and a stack trace would add nothing. */
export abstract class ExplainedError extends Error {}

/** What to print of an error: the message where that explains it, else everything, since then it is a fault of this program. Nothing in it does anything to a terminal. */
export function explain(error: unknown): string {
  if (error instanceof ExplainedError) return visibleLines(error.message);
  return visibleLines(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
