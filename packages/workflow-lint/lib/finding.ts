/** Where something stands in a file. */
export interface Place {
  /** Path of the file, as a person would type it from where the program runs. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in characters. */
  readonly column: number;
  /** The column behind its last character, where it ends on the same line. */
  readonly endColumn?: number;
}

/** One mistake: where it stands, what is wrong, why nobody notices, and how to mend it. */
export interface Finding extends Place {
  readonly rule: string;
  /** `error`: does something else than it says. `warning`: does so under circumstances that files do not show. */
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly silent: string;
  readonly mend: string;
}
