import { type Convergence, isHeld } from '../../lib/fleet/convergence';
import type { Divergence } from '../../lib/fleet/divergence';
import type { Verification } from '../../lib/fleet/verify';

/** What `tenantry verify` found out. */
export interface Outcome {
  /** The ring that was asked about. */
  readonly ring?: string;
  /** Rings that take no new image before that one has converged. */
  readonly behind: readonly string[];
  readonly verification: Verification;
  /** Tenants that are live and have no file. */
  readonly strays: readonly Divergence[];
  /** Tenants without a file that were deleted, and are still there. */
  readonly leaving: readonly Divergence[];
}

export function isGood({ verification, strays, leaving }: Outcome): boolean {
  return strays.length + leaving.length === 0 && stuckIn(verification).length === 0;
}

/** Those that have not converged; first those that others wait for. */
export function stuckIn({ tenants }: Verification): Convergence[] {
  const stuck = tenants.filter(({ converged }) => !converged);
  return [...stuck.filter((one) => !isHeld(one)), ...stuck.filter(isHeld)];
}

/** What it comes to, in one line without anything that others have said. */
export function conclusion({ ring, behind, verification, strays, leaving }: Outcome): string {
  const { tenants, attempt, attempts, seconds } = verification;
  const stuck = stuckIn(verification);
  const what = `tenants${ring === undefined ? '' : ` of the ring ${ring}`}`;
  const others = [
    ...(strays.length === 0 ? [] : [`${strays.length} live without a file`]),
    ...(leaving.length === 0 ? [] : [`${leaving.length} deleted and still there`]),
  ].join(', ');
  if (stuck.length === 0) {
    const all = `${tenants.length} of ${tenants.length} ${what} are on the images of this run, ready and healthy`;
    return others === '' ? `Converged: ${all}.` : `Not as the files say: ${others}. Else converged: ${all}.`;
  }
  const causes = stuck.filter((one) => !isHeld(one));
  const needsPerson = causes.length > 0 && causes.every(({ stalled }) => stalled);
  const waited = needsPerson ? '' : ` after ${attempt} of ${attempts} attempts (${seconds} s)`;
  const person = needsPerson ? '; a person is needed' : '';
  const waiting = stuck.length - causes.length;
  const held = waiting === 0 ? '' : `, of which ${waiting} wait for others and keep the images that they run`;
  const also = others === '' ? '' : `, and ${others}`;
  const later =
    behind.length === 0
      ? ''
      : ` The rings behind it (${behind.join(', ')}) keep the images that they run until it has.`;
  return `Not converged${waited}: ${stuck.length} of ${tenants.length} ${what}${held}${person}${also}.${later}`;
}
