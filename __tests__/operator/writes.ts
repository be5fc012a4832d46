import { setTimeout } from 'node:timers/promises';

/** Something that the operator wanted changed: worded the same in every run, so that runs can be compared. */
export interface Write {
  readonly system: 'kubernetes' | 'postgresql';
  readonly what: string;
}

/** Before: it has left the operator, and not arrived. After: the server has answered, and the operator has not heard. */
export type Moment = 'before' | 'after';

/** In place of the API server's. An object is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string;
}

/**
 * `cut` breaks every connection of the operator, to both systems: what a killed operator still had on its way must not
 * arrive later. `cut one` breaks the connection of this write alone. A write that is cut before is never forwarded.
 * An answer is for Kubernetes only: before, the server never hears of the write; after, the operator is told otherwise.
 */
export type Action = 'pass' | 'cut' | 'cut one' | Answer | { readonly delay: number };

/** Nothing returned is `pass`. Others go on while it thinks: kill and cut without awaiting anything in between. */
export type Handler = (write: Write, index: number, moment: Moment) => Action | undefined | Promise<Action | undefined>;

export type Verdict = 'pass' | 'cut' | Answer;

/** All writes of an operator that stands behind both proxies, in one order, and the place to come between. */
export class Writes {
  private readonly writes: Write[] = [];
  private readonly recordedEvents: string[] = [];
  private readonly cuts: (() => void)[] = [];
  private handler: Handler = () => 'pass';
  private failure: { readonly error: unknown } | undefined;

  /** Every write that was tried, in the order of arrival, whatever became of it. */
  list(): readonly Write[] {
    this.throwFailure();
    return [...this.writes];
  }

  /** The Kubernetes Events: `Warning CredentialsMissing Tenant/acme: The Secret is gone`. Nobody can come between them. */
  events(): readonly string[] {
    return [...this.recordedEvents];
  }

  /** Asks this handler about each write, twice. What it throws cuts the connection, and comes out of list() and reset(). */
  intercept(handler: Handler): void {
    this.handler = handler;
  }

  /** Forgets everything, and lets everything pass. */
  reset(): void {
    this.writes.length = 0;
    this.recordedEvents.length = 0;
    this.handler = () => 'pass';
    this.throwFailure();
  }

  /** For a proxy: how to break its connections. */
  onCut(cut: () => void): void {
    this.cuts.push(cut);
  }

  /** For a proxy. */
  recordEvent(event: string): void {
    this.recordedEvents.push(event);
  }

  /** For a proxy: records a write; what comes back tells, at each moment, what to do with it. */
  record(write: Write): (moment: Moment) => Promise<Verdict> {
    const index = this.writes.push(write) - 1;
    // A write that a reset has forgotten is none of the next handler's.
    return async (moment) => (this.writes[index] === write ? this.decide(write, index, moment) : 'pass');
  }

  private async decide(write: Write, index: number, moment: Moment): Promise<Verdict> {
    try {
      const action = (await this.handler(write, index, moment)) ?? 'pass';
      if (action === 'cut') for (const cut of this.cuts) cut();
      if (typeof action === 'string') return action === 'pass' ? 'pass' : 'cut';
      if ('delay' in action) {
        await setTimeout(action.delay);
        return 'pass';
      }
      if (write.system !== 'kubernetes') throw new Error(`Only Kubernetes can be answered for, not: ${write.what}`);
      return action;
    } catch (error) {
      this.failure ??= { error };
      return 'cut';
    }
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
  }
}
