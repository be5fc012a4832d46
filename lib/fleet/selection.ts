import type { Fleet } from './fleet';
import type { FleetRow } from './fleet-row';

/** A part of a fleet. What is not named is not narrowed down. */
export interface Selection {
  readonly tenants?: readonly string[];
  readonly services?: readonly string[];
  readonly rings?: readonly string[];
}

/** The part of a fleet that was asked for. */
export function select(fleet: Fleet, { tenants, services, rings }: Selection): Fleet {
  const asked = ({ tenant, ring }: { readonly tenant: string; readonly ring: string }) =>
    (tenants?.includes(tenant) ?? true) && (rings?.includes(ring) ?? true);
  const has = (service: string | undefined) => service === undefined || (services?.includes(service) ?? true);
  return {
    ...fleet,
    services: fleet.services.filter(has),
    missing: fleet.missing.filter(asked),
    notCompared: fleet.notCompared.filter(({ service }) => has(service)),
    tenants: fleet.tenants.filter(asked).map((tenant) => ({
      ...tenant,
      drift: tenant.drift.filter(({ service }) => has(service)),
      rows: tenant.rows.filter(({ service }) => has(service)),
    })),
  };
}

/** The part of a fleet in which something holds of a service, tenants without such a service left out. */
export function selectRows(fleet: Fleet, holds: (row: FleetRow) => boolean): Fleet {
  const tenants = fleet.tenants.map((tenant) => ({ ...tenant, rows: tenant.rows.filter(holds) }));
  return { ...fleet, tenants: tenants.filter(({ rows }) => rows.length > 0), missing: [] };
}
