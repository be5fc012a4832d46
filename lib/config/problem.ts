import { ExplainedError } from '../text/explained-error';

/** One thing wrong with the configuration: where it stands, what is wrong, and what to do about it. */
export interface Problem {
  /** Path of the file, as a person would type it from where the program runs. */
  readonly file: string;
  /** 1-based; absent where the problem is the file itself (missing, unreadable, misnamed). */
  readonly line?: number;
  /** 1-based, in characters. */
  readonly column?: number;
  readonly message: string;
}

/** Thrown when the configuration can't be used. Carries every problem of every file, not the first one. */
export class ConfigurationError extends ExplainedError {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`the configuration has ${count}:\n${problems.map((problem) => `  ${describe(problem)}`).join('\n')}`);
  }
}

function describe({ file, line, column, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place}: ${message}`;
}
