import type { Verification } from '../../lib/fleet/verify';
import { stuckIn } from './outcome';

/** Milliseconds before the first plain line, and between two. */
const PATIENCE = 1_000;
const INTERVAL = 5_000;

/** So many of those that are waited for are named. */
const NAMED = 3;

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Says how far tenants have come while they are waited for: one redrawn line on a terminal, elsewhere a line when something has changed. */
export class Progress {
  private last = '';
  private nextAt: number;

  constructor(
    private readonly stream: ProgressStream,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.nextAt = now() + PATIENCE;
  }

  show(verification: Verification): void {
    const state = stateOf(verification);
    if (this.stream.isTTY) {
      const line = `attempt ${verification.attempt} of ${verification.attempts}: ${state}`;
      this.stream.write(`\r\x1b[K${line.slice(0, (this.stream.columns || 80) - 1)}`);
    } else if (stuckIn(verification).length > 0 && state !== this.last && this.now() >= this.nextAt) {
      this.stream.write(`${state}\n`);
      this.last = state;
      this.nextAt = this.now() + INTERVAL;
    }
  }

  /** Leaves a terminal's line empty for what comes next. */
  end(): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }
}

function stateOf(verification: Verification): string {
  const stuck = stuckIn(verification);
  const all = verification.tenants.length;
  const named = stuck.slice(0, NAMED).map(({ tenant, step, reason }) => `${tenant} (${step}: ${reason})`);
  const more = stuck.length > NAMED ? ` and ${stuck.length - NAMED} more` : '';
  const waiting = stuck.length === 0 ? '' : `; waiting for ${named.join(', ')}${more}`;
  return `${all - stuck.length} of ${all} tenants have converged${waiting}`;
}
