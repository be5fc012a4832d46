import type { Tenant } from '../config/tenant';
import { tenantSettings } from '../config/tenant-settings';
import { differing, type Fields, specFields, valueText } from '../tenant/fields';
import type { LiveTenant } from './live-tenant';
import { DEPLOYER, type Writer, writerOf } from './writer';

/** A field of a live Tenant that is not what its file gives. */
export interface Drift {
  readonly tenant: string;
  /** Absent where it is about the tenant itself. */
  readonly service?: string;
  /** As the Tenant definition names it; `service` for a whole one. */
  readonly field: string;
  /** Undefined where there is none. */
  readonly live: string | undefined;
  readonly wanted: string | undefined;
  /** Whether somebody other than a deploy wrote it. Else its file changed since, or a removal left no trace of who did it. */
  readonly byHand: boolean;
  /** Undefined where the API server has no record. */
  readonly writer: Writer | undefined;
}

/** Since after each push most tenants differ there. */
const NOT_COMPARED = ['image', 'commit'];

/** In which settings, the images aside, a live Tenant is not what its file gives. */
export function driftOf(tenant: Tenant, live: LiveTenant): Drift[] {
  const found = specFields(live.spec);
  const wanted = specFields(tenantSettings(tenant));
  // A run that replays a lock asks for other rules of the rings, and is no drift either.
  const replays = [false, true].map((chosenAlone) =>
    specFields(tenantSettings(tenant, { chosenImages: true, chosenAlone })),
  );
  const own = differing(found.own, wanted.own).filter((field) =>
    replays.every((replay) => differing(found.own, replay.own).includes(field)),
  );
  const names = [...new Set([...wanted.services.keys(), ...found.services.keys()])];
  return [
    ...own.map((field) => drift(live, field.split('.'), valueText(found.own, field), valueText(wanted.own, field))),
    ...names.flatMap((name) => serviceDrift(live, name, found.services.get(name), wanted.services.get(name))),
  ];
}

/** One that is missing on either side is one difference, not as many as it has settings. */
function serviceDrift(live: LiveTenant, name: string, found: Fields | undefined, wanted: Fields | undefined): Drift[] {
  const path = ['services', name];
  if (!found || !wanted) return [drift(live, path, found && 'present', wanted && 'present')];
  return differing(found, wanted)
    .filter((field) => !NOT_COMPARED.includes(field))
    .map((field) => drift(live, [...path, ...field.split('.')], valueText(found, field), valueText(wanted, field)));
}

/** Whether a service of a live Tenant has another image than `wanted`, a reference. */
export function imageDrift(live: LiveTenant, service: string, wanted: string): Drift | undefined {
  const image = live.spec.services.find(({ name }) => name === service)?.image;
  return image === undefined || image === wanted
    ? undefined
    : drift(live, ['services', service, 'image'], image, wanted);
}

/** @param path - below `spec`; `services` is followed by the service's name. */
function drift(
  live: LiveTenant,
  path: readonly string[],
  found: string | undefined,
  wanted: string | undefined,
): Drift {
  const [service, ...field] = path[0] === 'services' ? path.slice(1) : [undefined, ...path];
  const writer = writerOf(live, path);
  return {
    tenant: live.metadata.name,
    ...(service !== undefined && { service }),
    field: field.join('.') || 'service',
    live: found,
    wanted,
    byHand: writer !== undefined && writer.manager !== DEPLOYER,
    writer,
  };
}
