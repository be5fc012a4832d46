import type { Drift } from './drift';
import type { Fleet, FleetTenant } from './fleet';
import { type Build, type FleetRow, isBehind, type NewestBuild } from './fleet-row';
import { type Mark, rowMarks, tenantMarks } from './marks';

const VERSION = 1;

/** A fleet for programs. The version grows with each change that a program could stumble over; what is added is none. */
export interface FleetJson
  extends Pick<Fleet, 'platform' | 'at' | 'frozen' | 'rings' | 'services' | 'missing' | 'notCompared'> {
  readonly version: typeof VERSION;
  readonly tenants: readonly TenantJson[];
  /** A service of a tenant each. */
  readonly rows: readonly RowJson[];
  /** What ECR has now, by digest in the rows' `newest`. */
  readonly images: readonly (NewestBuild & { readonly service: string })[];
}

export interface TenantJson extends Omit<FleetTenant, 'readiness' | 'rows' | 'drift'> {
  readonly ready: FleetTenant['readiness']['ready'];
  readonly stalled: boolean;
  readonly held: boolean;
  readonly reason: string;
  readonly message: string;
  readonly readySince?: string;
  readonly marks: readonly Mark[];
  readonly drift: readonly Omit<Drift, 'tenant'>[];
}

export interface RowJson extends Omit<FleetRow, 'newest'> {
  /** Digest of what ECR has now; absent, as `behind`, where that is not known. */
  readonly newest?: Build['digest'];
  readonly behind?: boolean;
  readonly marks: readonly Mark[];
}

export function fleetJson(fleet: Fleet): FleetJson {
  const { platform, at, frozen, rings, services, missing, notCompared, tenants } = fleet;
  const images = tenants.flatMap(({ rows }) =>
    rows.flatMap(({ service, newest }) => (newest ? [{ service, ...newest }] : [])),
  );
  return {
    version: VERSION,
    platform,
    at,
    ...(frozen !== undefined && { frozen }),
    rings,
    services,
    tenants: tenants.map(tenantJson),
    rows: tenants.flatMap((tenant) => tenant.rows.map((row) => rowJson(row, tenant))),
    images: [...new Map(images.map((image) => [`${image.service} ${image.release} ${image.digest}`, image])).values()],
    missing,
    notCompared,
  };
}

function tenantJson(tenant: FleetTenant): TenantJson {
  const { readiness, rows: _, drift, ...rest } = tenant;
  const { ready, stalled, held, reason, message, since } = readiness;
  return {
    ...rest,
    ready,
    stalled,
    held,
    reason,
    message,
    ...(since !== undefined && { readySince: since }),
    marks: tenantMarks(tenant),
    drift: drift.map(({ tenant: _, ...about }) => about),
  };
}

function rowJson(row: FleetRow, tenant: FleetTenant): RowJson {
  const { newest, ...rest } = row;
  const behind = isBehind(row);
  return {
    ...rest,
    ...(newest && { newest: newest.digest }),
    ...(behind !== undefined && { behind }),
    marks: rowMarks(row, tenant),
  };
}
