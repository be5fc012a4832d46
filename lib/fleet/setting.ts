import type { Configuration } from '../config/load';
import { type Origin, originsOf } from '../config/origins';
import type { Sources } from '../config/sources';
import { compare } from '../images/request';
import type { Drift } from './drift';
import type { Fleet } from './fleet';

/** A setting of a tenant, where it is written, and what the cluster has in its place. */
export interface Setting extends Origin {
  readonly tenant: string;
  /** What the cluster has, where that is something else: "" for none. Absent where it is the same, or where the tenant is not live. */
  readonly live?: string;
}

/** The settings of the tenants of a fleet that have a file, sorted. Images are no settings: a run chooses them. */
export function settingsOf(fleet: Fleet, { tenants }: Configuration, sources: Sources): Setting[] {
  return tenants.flatMap((tenant) => {
    const live = fleet.tenants.find((one) => one.tenant === tenant.name);
    if (!live && !fleet.missing.some((one) => one.tenant === tenant.name)) return [];
    const origins = originsOf(tenant, sources).filter(
      ({ service }) => service === undefined || fleet.services.includes(service),
    );
    const drift = (live?.drift ?? []).filter(({ field }) => field !== 'image');
    const settings = origins.map((origin): Setting => {
      const its = drift.find((one) => isAbout(one, origin));
      // A whole group, or service, is only ever there or not.
      const found = its?.field === origin.field ? its.live : undefined;
      return { tenant: tenant.name, ...origin, ...(its && { live: found ?? '' }) };
    });
    const added = drift
      .filter((one) => !origins.some((origin) => isAbout(one, origin)))
      .map(
        ({ service, field, wanted = '', live = '' }): Setting => ({
          tenant: tenant.name,
          ...(service !== undefined && { service }),
          field,
          value: wanted,
          from: 'default',
          live,
        }),
      );
    return [...settings, ...added].sort(
      (a, b) => compare(a.service ?? '', b.service ?? '') || compare(a.field, b.field),
    );
  });
}

function isAbout({ service, field }: Drift, origin: Origin): boolean {
  if (service !== origin.service) return false;
  return field === origin.field || field === 'service' || origin.field.startsWith(`${field}.`);
}
