import type { z } from 'zod';
import { tenantService, tenantSpec } from './spec';

/** Fields by their path, `host`, `database.name` ..., with their values as text; nothing for what is null or absent. */
export type Fields = ReadonlyMap<string, string>;

/** A Tenant's spec, flat. */
export interface SpecFields {
  /** Everything but the services. */
  readonly own: Fields;
  readonly services: ReadonlyMap<string, Fields>;
}

/** Takes a spec apart along its schema, be it a manifest of ours or what a provider or a cluster says. */
export function specFields(spec: unknown): SpecFields {
  const { services: list, ...own } = asRecord(spec);
  const services = (Array.isArray(list) ? list : []).filter((one) => typeof one === 'object' && one !== null);
  return {
    own: new Map(leaves(tenantSpec, own)),
    services: new Map(
      services.map(({ name, ...service }): [string, Fields] => [String(name), new Map(leaves(tenantService, service))]),
    ),
  };
}

/**
 * The fields in which two sides differ, sorted. A group that only one side has, such as `rollout` of a Tenant from before there was one,
 * is named once and as a whole; the items of a list that have names are fields each for itself. To say nothing and to say "" is the same.
 */
export function differing(one: Fields, other: Fields): string[] {
  const fields = new Set<string>();
  for (const key of [...one.keys(), ...other.keys()]) {
    if ((one.get(key) ?? '') === (other.get(key) ?? '')) continue;
    const group = groupOf(key);
    const isWhole =
      group !== undefined &&
      !(one.has(group) || other.has(group)) &&
      !(groupsOf(one).has(group) && groupsOf(other).has(group));
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
  const list = groupOf(field);
  return list !== undefined && fields.has(list) ? [...own, list] : own;
}

function below(fields: Fields, field: string): string[] {
  return [...fields.keys()].filter((key) => key.startsWith(`${field}.`));
}

function groupsOf(fields: Fields): ReadonlySet<string> {
  return new Set([...fields.keys()].flatMap((key) => groupOf(key) ?? []));
}

function groupOf(key: string): string | undefined {
  const end = key.indexOf('.');
  return end < 0 ? undefined : key.slice(0, end);
}

/** What of zod's schemas is needed to walk along them. */
interface SchemaNode {
  readonly _zod: {
    readonly def: {
      readonly shape?: Readonly<Record<string, SchemaNode>>;
      readonly valueType?: SchemaNode;
      readonly element?: SchemaNode;
      readonly innerType?: SchemaNode;
    };
  };
}

function leaves(schema: z.ZodType | SchemaNode, value: unknown, path = ''): [string, string][] {
  if (value === null || value === undefined) return [];
  const { innerType, shape, valueType, element } = (schema as SchemaNode)._zod.def;
  if (innerType) return leaves(innerType, value, path);
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (shape) return Object.entries(shape).flatMap(([key, inner]) => leaves(inner, asRecord(value)[key], below(key)));
  if (valueType) {
    const keys = Object.keys(asRecord(value)).sort();
    return keys.flatMap((key) => leaves(valueType, asRecord(value)[key], below(key)));
  }
  if (element?._zod.def.shape?.name && Array.isArray(value)) {
    return [[path, ''], ...value.map((item) => named(leaves(element, item), path))];
  }
  if (element && Array.isArray(value)) return [[path, value.map((item) => listed(leaves(element, item))).join(', ')]];
  return [[path, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
}

/** An item that has a name is a field of its own, with the rest as its value: `secrets.STRIPE_KEY` is `stripe/api-key`. */
function named([first, ...others]: readonly [string, string][], path: string): [string, string] {
  return [`${path}.${first?.[1] ?? ''}`, others.map(([, value]) => value).join('/')];
}

/** An item of a list: what it is called, and what else it says: `canary (bakeSeconds 600)`. */
function listed([first, ...others]: readonly [string, string][]): string {
  const rest = others.map(([key, value]) => `${key} ${value}`).join(', ');
  return `${first?.[1] ?? ''}${rest === '' ? '' : ` (${rest})`}`;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
