import type { Analysis } from './analysis';
import type { Finding, Place } from './finding';

/** What a rule found: where, what, and how to mend it. */
export interface Found {
  readonly place: Place;
  readonly message: string;
  readonly mend: string;
  /** Where it is another than the rule's. */
  readonly level?: Finding['level'];
}

/** One kind of mistake. */
export interface Rule {
  readonly id: string;
  readonly level: Finding['level'];
  /** What it finds, in one line. */
  readonly summary: string;
  /** Why nobody notices. */
  readonly silent: string;
  /** Looks through one repository; the others are those that it may be talking with. */
  check(analysis: Analysis, all: readonly Analysis[]): Iterable<Found>;
}

/** Where a rule is explained, in the repository of the linter. */
export function pageOf(id: string): string {
  return `docs/lint/${id}.md`;
}
