import type { Place } from '../finding';

/** A place in a workflow that sends a repository_dispatch. */
export interface Sender {
  readonly place: Place;
  /** What it may send, as it is written: with expressions and shell variables in it. Undefined where that can't be seen. */
  readonly type: string | undefined;
  /** The repository that it sends to, as it is written; undefined for its own, `''` where that can't be seen. */
  readonly target: string | undefined;
  /** How many keys its payload has at the top; undefined where that can't be seen. */
  readonly payloadKeys: number | undefined;
}
