import type { Condition } from '../tenant/status';
import type { LiveTenant } from './live-tenant';

/** What a Tenant's status says of its current generation. */
export interface Readiness {
  readonly tenant: string;
  /** `Unknown` until the operator has said anything about the current generation. */
  readonly ready: Condition['status'];
  /** Waits for a person: it will not get ready by itself. */
  readonly stalled: boolean;
  /** Waits for an earlier ring, or for its turn in its own: it keeps the images that it runs, and all else of it is as it should be. */
  readonly held: boolean;
  /** Why it is ready, or is not. */
  readonly reason: string;
  readonly message: string;
  /** ISO 8601, UTC: since when it is ready, or is not; absent while nobody knows. */
  readonly since?: string;
}

/** The reasons of the condition Ready of a tenant that is held, as the operator gives them. */
const HELD: readonly string[] = ['RingHeld', 'RolloutQueued'];

/** Whether a tenant is all that it should be. A status about an earlier generation says nothing. */
export function readiness({ metadata, status }: LiveTenant): Readiness {
  const { name: tenant, generation } = metadata;
  const of = (type: string) =>
    status?.observedGeneration === generation ? status.conditions?.find((one) => one.type === type) : undefined;
  const stalled = of('Stalled')?.status === 'True';
  const ready = of('Ready');
  if (ready) {
    const { status: is, reason, message, lastTransitionTime: since } = ready;
    const held = is === 'False' && HELD.includes(reason);
    return { tenant, ready: is, stalled, held, reason, message, ...(since !== undefined && { since }) };
  }
  const message = `the operator has not said anything about generation ${generation} yet`;
  return { tenant, ready: 'Unknown', stalled, held: false, reason: 'NotObserved', message };
}
