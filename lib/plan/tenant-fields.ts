/** What a Tenant says, flat: `host`, `database.name` ...; values as text. Nothing for what is null or absent. */
export type Fields = ReadonlyMap<string, string>;

/** A Tenant of a plan, taken apart so that two of them can be compared. */
export interface TenantFields {
  readonly name: string;
  /** Everything but the services. */
  readonly own: Fields;
  readonly services: ReadonlyMap<string, Fields>;
}

interface Manifest {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown } | null;
  readonly spec?: unknown;
}

/** Whether a Kubernetes object is a Tenant. */
export function isTenant(object: unknown): object is Manifest {
  const { apiVersion, kind } = (object ?? {}) as Manifest;
  return kind === 'Tenant' && String(apiVersion).startsWith('tenantry.dev/');
}

/** Reads a Tenant, be it a manifest of ours or the object that a provider read; some providers fill in a null for every field there is. */
export function tenantFields(object: unknown): TenantFields | undefined {
  if (!isTenant(object)) return undefined;
  const { services, ...own } = (object.spec ?? {}) as Readonly<Record<string, unknown>>;
  const list = (Array.isArray(services) ? services : []).filter((one) => typeof one === 'object' && one !== null);
  return {
    name: String(object.metadata?.name),
    own: flat(own),
    services: new Map(
      list.map(({ name, ...service }: Record<string, unknown>): [string, Fields] => [String(name), flat(service)]),
    ),
  };
}

function flat(value: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(value).flatMap(([key, inner]): [string, string][] => {
      if (inner === null || inner === undefined) return [];
      if (typeof inner === 'object') return [...flat(inner, `${prefix}${key}.`)];
      return [[`${prefix}${key}`, String(inner)]];
    }),
  );
}
