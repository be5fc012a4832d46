import { specFields } from '../tenant/fields';
import { imageService } from './image-service';
import { has, lastWord, layersOf } from './layers';
import { quotaPlaces } from './quota-places';
import { ringNameOf } from './ring';
import type { PlatformSource, Sources, TenantSource } from './sources';
import type { Tenant, TenantService } from './tenant';
import { tenantSettings } from './tenant-settings';
import type { Place, YamlFile } from './yaml-file';

/** Where a value is written, and in which plan, if it is one's; or that no file says anything of it. */
export type From = (Place & { readonly plan?: string }) | 'default';

/** A setting of a tenant as the cluster gets it, and which line of which file says so. */
export interface Origin {
  /** Absent where it is about the tenant itself. */
  readonly service?: string;
  /** As plans and drift name it: `replicas`, `env.LOG_LEVEL`, `ingress.class` ... */
  readonly field: string;
  /** "" for none. */
  readonly value: string;
  readonly from: From;
}

/** Every setting of a tenant but its images, sorted; without those that it has not, of which no file says anything. */
export function originsOf(tenant: Tenant, { platform, tenants }: Sources): Origin[] {
  const file = tenants.find(({ name }) => name === tenant.name) as TenantSource;
  const { own, services } = specFields(tenantSettings(tenant));
  const { plan } = file.value;
  const ofTenant = [...own, ...(plan === undefined ? [] : [['plan', plan] as const])].map(
    ([field, value]): Origin => ({ field, value, from: fromOf(ownPlaces(field, tenant, platform, file)) }),
  );
  const ofService = (field: string, service: TenantService): From => {
    if (field === 'release') {
      const path = ['services', imageService(service), 'release'];
      return fromOf([{ yaml: file.yaml, path }, ...ownPlaces('release', tenant, platform, file)]);
    }
    if (field === 'secretPath') return fromOf([{ yaml: platform.yaml, path: ['secretStore', 'path'] }]);
    const layers = layersOf(platform, file, service.name);
    for (const path of WRITTEN_AS[field] ?? [field.split('.')]) {
      const layer = lastWord(layers, path);
      if (layer) return { ...layer.yaml.place([...layer.path, ...path]), ...(layer.plan && { plan: layer.plan }) };
    }
    return 'default';
  };
  return [
    ...shown(ofTenant),
    ...tenant.services.flatMap((service) => {
      const fields = [...(services.get(service.name) ?? []), ...removed(service)];
      return shown(
        fields.map(([field, value]) => ({ service: service.name, field, value, from: ofService(field, service) })),
      );
    }),
  ];
}

/** `platform.yaml:20:14 (plan large)` */
export function fromText(from: From): string {
  if (from === 'default') return from;
  const { file, line, column, plan } = from;
  return `${file}:${line}:${column}${plan === undefined ? '' : ` (plan ${plan})`}`;
}

/** What the files call a service's setting, where that is something else: the first of these that is written. */
const WRITTEN_AS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  // A service with a schedule has no pods because it has one.
  replicas: [['replicas', 'min'], ['replicas'], ['schedule']],
  maxReplicas: [['replicas', 'max']],
  targetCpu: [['replicas', 'cpu']],
};

interface Written {
  readonly yaml: YamlFile;
  readonly path: readonly string[];
  readonly plan?: string;
}

/** Where a setting of the tenant itself may be written: the first goes before the others. */
function ownPlaces(
  field: string,
  { ring }: Tenant,
  platform: PlatformSource,
  { yaml, value }: TenantSource,
): Written[] {
  const { rings } = platform.value;
  const its = ['rings', String(rings.map(ringNameOf).indexOf(ring))];
  const inTenant = (...path: readonly string[]): Written => ({ yaml, path });
  const inPlatform = (...path: readonly string[]): Written => ({ yaml: platform.yaml, path });
  const [map = '', key = '', ...name] = field.split('.');
  switch (field) {
    case 'ring':
      return [inTenant('ring'), inPlatform(...its)];
    case 'release':
      return [inTenant('release'), inPlatform('release')];
    case 'rollout.after':
      return [inPlatform('rings')];
    case 'rollout.atOnce':
      return [inPlatform(...its, 'atOnce')];
    case 'rollout.unproven':
      return [inTenant('unproven'), inPlatform(...its, 'unproven')];
    case 'database.connectionLimit':
    case 'database.rotation':
      return [inTenant(map, key), inPlatform(map, key)];
    case 'egress':
      return [inTenant(field), inPlatform(field)];
    case 'secretStore.refreshSeconds':
      return [inPlatform('secretStore', 'refresh')];
    default:
      if (map === 'quota')
        return quotaPlaces(platform, { yaml, value }).map((place) => ({ ...place, path: [...place.path, key] }));
      if (map === 'secretStore') return [inPlatform(map, key)];
      // An annotation's name has dots of its own.
      if (map === 'ingress') return [inPlatform(map, key, ...(name.length > 0 ? [name.join('.')] : []))];
      return [inTenant(...field.split('.'))];
  }
}

function fromOf(places: readonly Written[]): From {
  const written = places.find(({ yaml, path }) => has(yaml.value, path));
  return written ? { ...written.yaml.place(written.path), ...(written.plan && { plan: written.plan }) } : 'default';
}

/** Secrets of the platform's that the tenant does not get. */
function removed({ secrets = {} }: TenantService): (readonly [string, string])[] {
  return Object.keys(secrets).flatMap((name) => (secrets[name] === null ? [[`secrets.${name}`, ''] as const] : []));
}

/** What says nothing without one of the others. */
const ONLY_WITH: Readonly<Record<string, readonly string[]>> = {
  maxReplicas: ['maxReplicas'],
  targetCpu: ['maxReplicas'],
  timeZone: ['schedule'],
  jobSeconds: ['schedule', 'migrate'],
};

function shown(origins: readonly Origin[]): Origin[] {
  const isNothing = (field: string) =>
    origins.every((one) => one.field !== field || one.value === '' || one.value === '0');
  return origins
    .filter(({ field, value, from }) => {
      // A list whose items are fields of their own, such as env.
      if (value === '' && origins.some((other) => other.field.startsWith(`${field}.`))) return false;
      return from !== 'default' || (value !== '' && !ONLY_WITH[field]?.every(isNothing));
    })
    .sort((a, b) => (a.field < b.field ? -1 : 1));
}
