import type { Convergence } from '../../lib/fleet/convergence';
import type { Divergence } from '../../lib/fleet/divergence';
import type { Verification } from '../../lib/fleet/verify';

/** What `tenantry verify` found out. */
export interface Outcome {
  /** The ring that was asked about. */
  readonly ring?: string;
  /** Rings that a run does not touch before that one has converged. */
  readonly behind: readonly string[];
  readonly verification: Verification;
  /** Tenants that are live and have no file. */
  readonly strays: readonly Divergence[];
}

export function isGood({ verification, strays }: Outcome): boolean {
  return strays.length === 0 && stuckIn(verification).length === 0;
}

/** Those that have not converged. */
export function stuckIn({ tenants }: Verification): Convergence[] {
  return tenants.filter(({ converged }) => !converged);
}

/** What it comes to, in one line without anything that others have said. */
export function conclusion({ ring, behind, verification, strays }: Outcome): string {
  const { tenants, attempt, attempts, seconds } = verification;
  const stuck = stuckIn(verification);
  const what = `tenants${ring === undefined ? '' : ` of the ring ${ring}`}`;
  const stray = `${strays.length} live without a file`;
  if (stuck.length === 0) {
    const all = `${tenants.length} of ${tenants.length} ${what} are on the images of this run, ready and healthy`;
    return strays.length === 0 ? `Converged: ${all}.` : `Not as the files say: ${stray}. Else converged: ${all}.`;
  }
  const waited = stuck.every(({ stalled }) => stalled)
    ? ''
    : ` after ${attempt} of ${attempts} attempts (${seconds} s)`;
  const person = waited === '' ? '; a person is needed' : '';
  const also = strays.length === 0 ? '' : `, and ${stray}`;
  const held =
    behind.length === 0 ? '' : ` A run does not touch the rings behind it (${behind.join(', ')}) until it has.`;
  return `Not converged${waited}: ${stuck.length} of ${tenants.length} ${what}${person}${also}.${held}`;
}
