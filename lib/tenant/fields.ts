import type { z } from 'zod';
import { type SchemaNode, unwrapped } from './schema-node';
import { SERVICE_DEFAULTS, tenantService, tenantSpec } from './spec';

/** Fields by their path, `host`, `database.name` ..., with their values as text; nothing for what is null or absent. */
export type Fields = ReadonlyMap<string, string>;

/** A Tenant's spec, flat. */
export interface SpecFields {
  /** Everything but the services. */
  readonly own: Fields;
  readonly services: ReadonlyMap<string, Fields>;
}

/** Takes a spec apart along its schema, be it a manifest of ours or what a provider or a cluster says: with the defaults of what it leaves out. */
export function specFields(spec: unknown): SpecFields {
  const { services: list, ...all } = asRecord(spec);
  // Not suspended is nothing special, as a Tenant from before says nothing of it.
  const { suspend, secretStore, quota, ...rest } = all;
  // Nor is no store, nor of what kind that would be.
  const hasStore = (asRecord(secretStore).name ?? '') !== '';
  const own = {
    ...rest,
    ...(isMap(rest.database) && { database: withoutDefaults(rest.database) }),
    ...(suspend !== false && { suspend }),
    ...(hasStore && { secretStore }),
    ...(isMap(quota) && { quota: withoutDefaults(quota) }),
  };
  const services = (Array.isArray(list) ? list : []).filter((one) => typeof one === 'object' && one !== null);
  return {
    own: new Map(leaves(tenantSpec, own)),
    services: new Map(
      services.map(({ name, ...service }): [string, Fields] => {
        const said = Object.fromEntries(Object.entries(service).filter(([, value]) => value !== null));
        // None, and so nothing, as for a path.
        if (said.port === 0) delete said.port;
        return [String(name), new Map(leaves(tenantService, { ...SERVICE_DEFAULTS, ...said }))];
      }),
    ),
  };
}

/** Nor is the default server of a database, or as many connections as it has, or no quota. */
function withoutDefaults(database: object): object {
  return Object.fromEntries(Object.entries(database).filter(([, value]) => value !== '' && value !== 0));
}

/** What is named as a whole where only one side has it, such as `rollout` of a Tenant from before there was one. Not the items of a list that have names. */
const GROUPS = new Set(
  [...Object.entries(tenantSpec.shape), ...Object.entries(tenantService.shape)]
    .filter(([, schema]) => unwrapped(schema)._zod.def.shape)
    .map(([name]) => name),
);

/** The fields in which two sides differ, sorted. To say nothing and to say "" is the same. */
export function differing(one: Fields, other: Fields): string[] {
  const fields = new Set<string>();
  for (const key of [...one.keys(), ...other.keys()]) {
    if ((one.get(key) ?? '') === (other.get(key) ?? '')) continue;
    const group = groupOf(key);
    const isWhole = group !== undefined && !(groupsOf(one).has(group) && groupsOf(other).has(group));
    fields.add(isWhole ? group : key);
  }
  return [...fields].sort();
}

/** A field's value as a person reads it; a group's as that of all its fields. Undefined where it has none. */
export function valueText(fields: Fields, field: string): string | undefined {
  const value =
    fields.get(field) ??
    below(fields, field)
      .map((key) => `${key.slice(field.length + 1)} ${fields.get(key) || 'none'}`)
      .join(', ');
  return value === '' ? undefined : value;
}

/** The keys of a field: itself, or those of a group; and that of the list that it is an item of, which is written as a whole. */
export function keysOf(fields: Fields, field: string): string[] {
  const own = fields.has(field) ? [field] : below(fields, field);
  const list = field.slice(0, Math.max(field.indexOf('.'), 0));
  return fields.has(list) ? [...own, list] : own;
}

function below(fields: Fields, field: string): string[] {
  return [...fields.keys()].filter((key) => key.startsWith(`${field}.`));
}

function groupsOf(fields: Fields): ReadonlySet<string> {
  return new Set([...fields.keys()].flatMap((key) => groupOf(key) ?? []));
}

function groupOf(key: string): string | undefined {
  const [group = '', below] = key.split('.', 2);
  return below !== undefined && GROUPS.has(group) ? group : undefined;
}

function leaves(schema: z.ZodType | SchemaNode, value: unknown, path = ''): [string, string][] {
  if (value === null || value === undefined) return [];
  const { shape, valueType, element } = unwrapped(schema)._zod.def;
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (shape) return Object.entries(shape).flatMap(([key, inner]) => leaves(inner, asRecord(value)[key], below(key)));
  if (valueType) {
    const keys = Object.keys(asRecord(value)).sort();
    return keys.flatMap((key) => leaves(valueType, asRecord(value)[key], below(key)));
  }
  if (element && Array.isArray(value) && isVariable(element)) {
    return [
      [path, ''],
      ...value.map(asRecord).map((one) => [below(String(one.name)), variableText(element, one)] as [string, string]),
    ];
  }
  if (element && Array.isArray(value) && value.every((item) => typeof item === 'string') && isText(element)) {
    return [[path, value.map(quoted).join(' ')]];
  }
  if (element && Array.isArray(value)) return [[path, value.map((item) => listed(leaves(element, item))).join(', ')]];
  return [[path, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
}

/** An item that has a name is a field of its own, with the rest as its value: `secrets.STRIPE_KEY` is `stripe/api-key`. */
function isVariable(element: SchemaNode): boolean {
  return unwrapped(element)._zod.def.shape?.name !== undefined;
}

function isText(element: SchemaNode): boolean {
  return unwrapped(element)._zod.def.type === 'string';
}

/** A word of a command as a person reads it: in quotes where it could be taken for several, or for none. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word);
}

/** In quotes where it would be nothing otherwise, and so where it is in quotes: no two values look the same. */
function variableText(element: SchemaNode, item: Readonly<Record<string, unknown>>): string {
  const [, ...others] = Object.keys(unwrapped(element)._zod.def.shape ?? {});
  const text = others.map((key) => String(item[key])).join('/');
  return text === '' || text.startsWith('"') ? JSON.stringify(text) : text;
}

/** An item of a list: what it is called, and what else it says: `canary (bakeSeconds 600)`. */
function listed([first, ...others]: readonly [string, string][]): string {
  const rest = others.map(([key, value]) => `${key} ${value}`).join(', ');
  return `${first?.[1] ?? ''}${rest === '' ? '' : ` (${rest})`}`;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
