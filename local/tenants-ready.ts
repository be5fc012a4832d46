import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../lib/config/platform';
import { ExplainedError } from '../lib/explained-error';
import { type LiveTenant, listTenants } from '../lib/fleet/live-tenant';
import { type Readiness, unready } from '../lib/fleet/readiness';
import { unlessInterrupted } from './processes/interrupted';
import type { Progress } from './processes/progress';

/** Milliseconds between two looks, and after which waiting is in vain. */
const LOOK_EVERY = 500;
const READY_WITHIN = 5 * 60_000;

/** Thrown when tenants don't become ready. Names each of them with its reason. */
export class TenantsNotReady extends ExplainedError {
  override readonly name = 'TenantsNotReady';

  constructor(
    readonly tenants: readonly Readiness[],
    operatorLog: string,
  ) {
    const lines = tenants.map(({ tenant, reason, message }) => `  ${tenant}: ${reason}: ${message}`);
    const why = tenants.every(({ stalled }) => stalled)
      ? 'wait for a person'
      : `are not ready after ${READY_WITHIN / 60_000} minutes`;
    super(`These tenants ${why}:\n${lines.join('\n')}\nWhat the operator says of them is in ${operatorLog}`);
  }
}

export interface WaitOptions {
  readonly cluster: Cluster;
  readonly operatorLog: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Returns when the operator says of every tenant of the cluster that it is ready. Gives up when only a person could help. */
export async function tenantsReady({ cluster, operatorLog, progress, signal }: WaitOptions): Promise<void> {
  let all: LiveTenant[] = [];
  let missing: Readiness[] = [];
  const what = () => `waiting until every tenant is ready: ${all.length - missing.length} of ${all.length}`;
  await progress.during(what, async () => {
    for (const deadline = Date.now() + READY_WITHIN; ; await unlessInterrupted(sleep(LOOK_EVERY), signal)) {
      all = await unlessInterrupted(listTenants(cluster), signal);
      missing = unready(all);
      if (missing.length === 0) return;
      if (missing.every(({ stalled }) => stalled) || Date.now() > deadline)
        throw new TenantsNotReady(missing, operatorLog);
    }
  });
}
