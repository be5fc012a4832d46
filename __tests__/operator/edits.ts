/** Everything that a person could do by hand to one field of a live object, made from the object and the API server's own definitions. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };
type Key = string | number;

/** A definition of OpenAPI 3, as far as it matters. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

export type Schemas = Readonly<Record<string, Schema>>;

export interface Edit {
  /** `spec.template.spec.containers[0].image: another value`. */
  readonly what: string;
  /** The edited object, worded so that the API server is likely to take one of them. */
  readonly tries: readonly JsonMap[];
}

/** What the API server writes alone, or throws away when others write it. */
const NOT_EDITED = [
  /^(apiVersion|kind|status)$/,
  /^metadata\.(?!labels|annotations|ownerReferences|finalizers)/,
  /^spec\.(template|jobTemplate|jobTemplate\.spec\.template)\.metadata\.(?!labels|annotations|ownerReferences|finalizers)/,
];
const DEEPEST = 3;

/** All edits of an object, in the order of its fields. */
export function editsOf(object: JsonMap, schema: Schema, schemas: Schemas): readonly Edit[] {
  return [...new Editor(object, schemas).at([], object, schema)];
}

class Editor {
  constructor(
    private readonly object: JsonMap,
    private readonly schemas: Schemas,
  ) {}

  *at(place: readonly Key[], value: Json, schema: Schema): Generator<Edit> {
    const path = worded(place);
    if (NOT_EDITED.some((pattern) => pattern.test(path))) return;
    const resolved = this.resolve(schema);
    if (place.length > 0) yield this.edit(place, 'removed', [undefined]);
    if (Array.isArray(value)) yield* this.inList(place, value, resolved);
    else if (typeof value === 'object' && value !== null) yield* this.inMap(place, value as JsonMap, resolved);
    else yield* this.inLeaf(place, value as string | number | boolean, resolved);
  }

  private *inLeaf(place: readonly Key[], value: string | number | boolean, schema: Schema): Generator<Edit> {
    if (typeof value === 'boolean') {
      yield this.edit(place, 'another value', [!value]);
      yield this.edit(place, 'another type', ['yes', 1]);
    } else if (typeof value === 'number') {
      yield this.edit(place, 'another value', [value + 1, value === 1 ? 2 : 1]);
      yield this.edit(place, 'another type', ['http', '17%']);
    } else {
      const others = (schema.enum ?? []).filter((one) => one !== value);
      if (others.length > 0) for (const one of others) yield this.edit(place, `another value: ${one}`, [one]);
      else yield this.edit(place, 'another value', ['other', '/other', '1', `${value}x`]);
      yield this.edit(place, 'another type', [17, true]);
    }
  }

  private *inList(place: readonly Key[], value: readonly Json[], schema: Schema): Generator<Edit> {
    const last = value.at(-1);
    const copies = typeof last === 'object' && last !== null ? [this.renamed(last as JsonMap)] : ['other', 'Egress'];
    const made = this.make(schema.items ?? {}, DEEPEST).slice(0, 2);
    yield this.edit(
      place,
      'an entry more',
      copies.flatMap((one) => [one].flat()).map((one) => [...value, one as Json]),
    );
    yield this.edit(
      place,
      'another entry before all',
      made.map((one) => [one, ...value]),
    );
    if (value.length > 1) yield this.edit(place, 'another order', [[...value].reverse()]);
    for (const [index, one] of value.entries()) yield* this.at([...place, index], one, schema.items ?? {});
  }

  private *inMap(place: readonly Key[], value: JsonMap, schema: Schema): Generator<Edit> {
    if (schema.additionalProperties) {
      const more = this.make(schema.additionalProperties, DEEPEST).slice(0, 1);
      yield this.edit(
        place,
        'a key more',
        more.map((one) => ({ ...value, 'example.com/more': one })),
      );
    }
    for (const [key, its] of Object.entries(schema.properties ?? {})) {
      if (key in value || NOT_EDITED.some((pattern) => pattern.test(worded([...place, key])))) continue;
      const kept = Object.fromEntries(
        Object.entries(value).filter(([name]) => name === 'name' || schema.required?.includes(name)),
      );
      for (const one of this.make(its, DEEPEST)) {
        // Beside what is there; where that is not allowed, in its place: `value` for `valueFrom`, `tcpSocket` for `httpGet`.
        yield this.edit(
          [...place, key],
          `there, ${JSON.stringify(one).slice(0, 80)}`,
          [one],
          [{ ...kept, [key]: one }],
        );
      }
    }
    for (const [key, one] of Object.entries(value)) {
      yield* this.at([...place, key], one, schema.properties?.[key] ?? schema.additionalProperties ?? {});
    }
  }

  /** An entry of a list once more, under another name. */
  private renamed(entry: JsonMap): readonly Json[] {
    const port = (from: JsonMap) =>
      Object.fromEntries(
        Object.entries(from).map(([key, one]) => [key, typeof one === 'number' ? one + 1 : one] as const),
      );
    const path = { mountPath: '/other', host: 'other.example.com', path: '/other' };
    const changed = Object.fromEntries(Object.entries(path).filter(([key]) => key in entry));
    return [{ ...port(entry), ...('name' in entry && { name: 'other' }), ...changed }, port(entry), entry];
  }

  /** Values that a schema allows, the least first. */
  private make(schema: Schema, depth: number): readonly Json[] {
    const { type, format, properties = {}, required = [], items, ...rest } = this.resolve(schema);
    if (rest.enum) return rest.enum;
    if (format === 'int-or-string' || rest.oneOf) return [17];
    if (type === 'boolean') return [true, false];
    if (type === 'integer' || type === 'number') return [17];
    if (type === 'string')
      return format === 'date-time' ? ['2026-01-01T00:00:00Z'] : ['other', '/other', '17Mi', 'example.com/other'];
    if (depth === 0) return [];
    if (type === 'array') return this.make(items ?? {}, depth - 1).map((one) => [one]);
    if (rest.additionalProperties) {
      return this.make(rest.additionalProperties, depth - 1).map((one) => ({ 'example.com/more': one }));
    }
    const least = Object.fromEntries(
      required.map((name) => [name, this.make(properties[name] ?? {}, depth - 1)[0] ?? {}]),
    );
    const more = Object.entries(properties).flatMap(([name, one]) =>
      required.includes(name) ? [] : this.make(one, depth - 1).map((made) => ({ ...least, [name]: made })),
    );
    return [least, ...more];
  }

  private resolve(schema: Schema): Schema {
    const [first] = schema.allOf ?? [];
    const name = (schema.$ref ?? first?.$ref)?.split('/').at(-1);
    return name === undefined ? schema : { ...this.schemas[name] };
  }

  private edit(
    place: readonly Key[],
    what: string,
    values: readonly (Json | undefined)[],
    above: readonly JsonMap[] = [],
  ): Edit {
    const tries = [
      ...values.map((value) => changed(this.object, place, value)),
      ...above.map((value) => changed(this.object, place.slice(0, -1), value)),
    ];
    return { what: `${worded(place)}: ${what}`, tries: tries as JsonMap[] };
  }
}

function worded(place: readonly Key[]): string {
  return place.reduce<string>((path, key) => {
    if (typeof key === 'number' || key.includes('.')) return `${path}[${key}]`;
    return path === '' ? key : `${path}.${key}`;
  }, '');
}

function changed(document: Json, place: readonly Key[], value: Json | undefined): Json | undefined {
  const [key, ...rest] = place;
  if (key === undefined) return value;
  if (Array.isArray(document)) {
    const inner = changed(document[key as number], rest, value);
    return document.flatMap((one, index) => (index === key ? (inner === undefined ? [] : [inner]) : [one]));
  }
  const { [key]: before = null, ...others } = document as JsonMap;
  const inner = changed(before, rest, value);
  return inner === undefined ? others : { ...others, [key]: inner };
}
