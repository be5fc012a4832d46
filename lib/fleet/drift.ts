import type { Tenant } from '../config/tenant';
import type { TenantSpec } from '../tenant/spec';
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

type Value = string | number | boolean;
/** Names below `spec`; `services` is followed by the service's name. */
type Path = readonly string[];

/** What is compared: of a Tenant its spec without the images, since after each push most tenants differ there. */
interface Settings extends Omit<TenantSpec, 'services'> {
  readonly services: Tenant['services'] | TenantSpec['services'];
}
const NOT_COMPARED = new Set(['name', 'repository', 'image', 'commit']);

/** In which settings, the images aside, a live Tenant is not what its file gives. */
export function driftOf(tenant: Tenant, live: LiveTenant): Drift[] {
  const [wanted, found] = [settings(tenant), settings(live.spec)];
  const paths = new Map([...wanted.keys(), ...found.keys()].map((key) => [key, key.split('/')]));
  return [...paths]
    .filter(([key]) => wanted.get(key) !== found.get(key))
    .filter(([, path]) => path.length < 3 || bothHave(path[1] as string, wanted, found))
    .map(([key, path]) => drift(live, path, found.get(key), wanted.get(key)));
}

/** Whether a service of a live Tenant has another image than `wanted`, a reference. */
export function imageDrift(live: LiveTenant, service: string, wanted: string): Drift | undefined {
  const image = live.spec.services.find(({ name }) => name === service)?.image;
  return image === undefined || image === wanted
    ? undefined
    : drift(live, ['services', service, 'image'], image, wanted);
}

function drift(live: LiveTenant, path: Path, found: Value | undefined, wanted: Value | undefined): Drift {
  const [service, ...field] = path[0] === 'services' ? path.slice(1) : [undefined, ...path];
  const writer = writerOf(live, path);
  return {
    tenant: live.metadata.name,
    ...(service !== undefined && { service }),
    field: field.join('.') || 'service',
    live: found === undefined ? undefined : String(found),
    wanted: wanted === undefined ? undefined : String(wanted),
    byHand: writer !== undefined && writer.manager !== DEPLOYER,
    writer,
  };
}

/** Every setting by its path; each service also as a whole. */
function settings({ host, ring, release, decommission, database, services }: Settings): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ...Object.entries({ host, ring, release, decommission }),
    ...below('database', Object.entries(database)),
    ...services.flatMap((service): [string, Value][] => [
      [`services/${service.name}`, 'present'],
      ...below(
        `services/${service.name}`,
        Object.entries(service).filter(([key]) => !NOT_COMPARED.has(key)),
      ),
    ]),
  ]);
}

function below(path: string, entries: readonly [string, Value][]): [string, Value][] {
  return entries.map(([key, value]) => [`${path}/${key}`, value]);
}

/** One that is missing on either side is one difference, not as many as it has settings. */
function bothHave(service: string, ...sides: readonly ReadonlyMap<string, Value>[]): boolean {
  return sides.every((side) => side.has(`services/${service}`));
}
