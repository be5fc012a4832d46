import type { Patience, Platform } from '../config/platform';
import type { Ring } from '../config/ring';
import { WAITING } from '../config/run-time';
import type { Tenant } from '../config/tenant';
import { SERVICE_DEFAULTS } from '../tenant/spec';

/** Seconds in which a pod is scheduled and its image pulled, before it starts. */
const SCHEDULED = 60;
/** Seconds for one lot of tenants after another: most start faster. */
const LOT = 30;

/**
 * For how long to wait for tenants: as the platform file says, and else for as long as their rings may need, one after another, or as a run has.
 */
export function patienceFor({ rings, verify }: Platform, tenants: readonly Tenant[]): Patience {
  const { interval, attempts } = verify;
  if (attempts !== undefined) return { interval, attempts };
  const seconds = rings.map((ring) => {
    const active = tenants.filter((tenant) => tenant.ring === ring.name && !tenant.suspend && !tenant.decommission);
    return active.length === 0 ? 0 : slowest(active) + ring.bakeSeconds + (lots(ring, active.length) - 1) * LOT;
  });
  const needed = Math.ceil(Math.max(slowest(tenants), sum(seconds)) / interval) + 1;
  return { interval, attempts: Math.min(needed, Math.floor(WAITING / interval)) };
}

/** Seconds in which the slowest service gets ready, with its migration, which has to be scheduled too. */
function slowest(tenants: readonly Tenant[]): number {
  const all = tenants.flatMap(({ services }) =>
    services.map(({ startupSeconds, migrate = [], jobSeconds }) => {
      const starting = SCHEDULED + (startupSeconds ?? SERVICE_DEFAULTS.startupSeconds);
      return starting + (migrate.length > 0 ? SCHEDULED + (jobSeconds ?? SERVICE_DEFAULTS.jobSeconds) : 0);
    }),
  );
  return Math.max(SCHEDULED + SERVICE_DEFAULTS.startupSeconds, ...all);
}

/** How many times a ring's tenants roll, one lot after another. */
function lots({ atOnce }: Ring, tenants: number): number {
  const number = Number.parseInt(atOnce, 10);
  const size = atOnce.endsWith('%') ? Math.max(1, Math.floor((tenants * number) / 100)) : number;
  return Math.ceil(tenants / size);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
