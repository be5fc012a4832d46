import { imageServiceOf } from '../config/image-service';
import type { Platform } from '../config/platform';
import { alike } from '../fleet/alike';
import { type FleetRow, fleetRows, isRollingOut } from '../fleet/fleet-row';
import type { Health } from '../fleet/health/health';
import type { LiveTenant } from '../fleet/live-tenant';
import { type Readiness, readiness } from '../fleet/readiness';
import { runsPods } from '../tenant/runs-pods';
import type { TenantServiceSpec } from '../tenant/spec';
import { isMentioned, ownStall } from './own-stall';

/** How far a tenant is with what it is to run of an image, in GitHub's words for the status of a deployment. */
export type Progress = 'success' | 'in_progress' | 'queued' | 'failure';

/** One image of one tenant: a service, with those that are further processes of it. */
export interface Place {
  readonly tenant: string;
  readonly ring: string;
  /** The service whose image it is. */
  readonly service: string;
  /** What it is to run. */
  readonly release: string;
  readonly digest: string;
  readonly commit: string;
  readonly progress: Progress;
  /** Why it is on its way, or failed: one word in CamelCase. */
  readonly reason?: string;
  /** Where it is reached from outside. */
  readonly url?: string;
}

/** What came of asking a service for its health; undefined where it was not asked. */
export type HealthOf = (tenant: string, service: string) => Health | undefined;

/** The services of a tenant that run what they are to run, as the cluster says: of these it is worth asking for their health. */
export function arrived(live: LiveTenant): TenantServiceSpec[] {
  const rows = new Map(fleetRows(live).map((row) => [row.service, row]));
  return live.spec.services.filter(({ name }) => hasArrived(rows.get(name)));
}

/** The images of a tenant, and how far it is with each. None where it is to run nothing. */
export function placesOf(live: LiveTenant, { services }: Pick<Platform, 'services'>, healthOf: HealthOf): Place[] {
  const { metadata, spec } = live;
  if (spec.decommission || spec.suspend || metadata.deletionTimestamp !== undefined) return [];
  const rows = new Map(fleetRows(live).map((row) => [row.service, row]));
  const running = spec.services.filter(runsPods);
  return alike(running, ({ name }) => imageServiceOf(name, services)).map((processes): Place => {
    const service = imageServiceOf(processes[0].name, services);
    const own = processes.find(({ name }) => name === service) ?? processes[0];
    const { release, commit, digest } = rows.get(own.name) as FleetRow;
    return {
      tenant: metadata.name,
      ring: spec.ring,
      service,
      release,
      digest,
      commit,
      ...progressOf(live, processes, rows, healthOf),
      ...(own.path && { url: `https://${spec.host}${own.path}` }),
    };
  });
}

function progressOf(
  live: LiveTenant,
  processes: readonly TenantServiceSpec[],
  rows: ReadonlyMap<string, FleetRow>,
  healthOf: HealthOf,
): Pick<Place, 'progress' | 'reason'> {
  if (!processes.every(({ name }) => hasArrived(rows.get(name)))) {
    const { held, stalled, ...said } = readiness(live);
    if (held) return { progress: 'queued' };
    if (!stalled) return { progress: 'in_progress', reason: said.reason };
    return beforeStall(live, processes, said);
  }
  const unwell = processes
    .map(({ name }) => healthOf(live.metadata.name, name))
    .find((health) => health?.healthy === false);
  return unwell ? { progress: 'failure', reason: unwell.reason } : { progress: 'success' };
}

/** Of a tenant that waits for a person: whether it is for these of its services, for others, or for something that is the tenant's. */
function beforeStall(
  { spec }: LiveTenant,
  processes: readonly TenantServiceSpec[],
  said: Pick<Readiness, 'reason' | 'message'>,
): Pick<Place, 'progress' | 'reason'> {
  const stallOf = ({ name }: TenantServiceSpec) => ownStall(name, said);
  const [own] = processes.flatMap((one) => stallOf(one) ?? []);
  if (own !== undefined) return { progress: 'failure', reason: own };
  if (!spec.services.some(stallOf)) return { progress: 'failure', reason: said.reason };
  const isOnItsWay = processes.some(({ name }) => isMentioned(name, said.message));
  return isOnItsWay ? { progress: 'in_progress', reason: 'RolloutInProgress' } : { progress: 'queued' };
}

function hasArrived(row: FleetRow | undefined): boolean {
  return row !== undefined && row.ready === 'True' && !isRollingOut(row);
}
