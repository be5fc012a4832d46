import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { variableName } from '../tenant/env';
import { platformFile } from './platform-file';
import { tenantFile } from './tenant-file';

/** The page of all keys, which comes from the schemas that the files are held against. */
export const REFERENCE_FILE = join(__dirname, '../../docs/reference.md');

const HEAD = `<!-- Generated from lib/config by "npm run schemas": change it there. -->

# All keys

What may stand in \`platform.yaml\` and in \`tenants/<name>.yaml\`. [services.md](services.md) explains what a service is run with. What all of it comes to for a tenant, and
which line says so: \`npx tenantry status --tenant <name> --why\`.

In a key, \`<name>\` is a name that you choose, and \`[]\` each item of a list. A key may be left out, unless it is called needed: then it must stand wherever its map
does. The keys of a service, which several places may say, have [a table of their own](#a-service).
`;

const OF_SERVICES = `What may be said of a service, in up to three places: below \`services.<name>\` in the platform file (platform), below \`plans.<name>.services.<name>\` there (plan), and
below \`services.<name>\` in a tenant's file (tenant). The tenant's word goes before that of its plan, and the plan's before the platform's.
`;

type Schema = z.core.JSONSchema.BaseSchema;

/** A key that may be written. */
interface Key {
  readonly path: string;
  readonly form: string;
  readonly meaning: string;
}

/** The text of the page. */
export function referenceText(): string {
  const platform = keysBelow(jsonSchema(platformFile));
  const tenant = keysBelow(jsonSchema(tenantFile));
  return [
    HEAD,
    '## The platform file\n',
    ...tables(platform),
    "## A tenant's file\n",
    ...tables(tenant),
    '## A service\n',
    OF_SERVICES,
    serviceTable({
      platform: below('services.<name>.', platform),
      plan: below('plans.<name>.services.<name>.', platform),
      tenant: below('services.<name>.', tenant),
    }),
  ].join('\n');
}

/** The keys of a file that hold one value, and a table for each map. Those of a service have one of their own. */
function tables(keys: readonly Key[]): string[] {
  const own = keys.filter(({ path }) => !path.includes('services.<name>.'));
  const first = ({ path }: Key) => path.split(/[.[]/, 1)[0];
  const groups = [...new Set(own.map(first))].map((map) => own.filter((key) => first(key) === map));
  const rows = (some: readonly Key[]) => some.map(({ path, form, meaning }) => [code(path), form, meaning]);
  const titled = (some: readonly Key[]) => table(['key', 'form', 'meaning'], rows(some));
  return [
    titled(groups.filter(({ length }) => length === 1).flat()),
    ...groups
      .filter(({ length }) => length > 1)
      .map((some) => `### ${code(first(some[0] as Key) as string)}\n\n${titled(some)}`),
  ];
}

/** A key once, with the places that may say it; twice where they mean something else by it. */
function serviceTable(places: Readonly<Record<string, readonly Key[]>>): string {
  const all = Object.entries(places).flatMap(([place, keys]) => keys.map((key) => ({ place, ...key })));
  const paths = [...new Set(all.map(({ path }) => path))];
  const rows = paths.flatMap((path) => {
    const its = all.filter((key) => key.path === path);
    const meanings = [...new Set(its.map(({ meaning }) => meaning))];
    return meanings.map((meaning) => {
      const alike = its.filter((key) => key.meaning === meaning);
      return [code(path), alike.map(({ place }) => place).join(', '), alike[0]?.form ?? '', meaning];
    });
  });
  return table(['key', 'said by', 'form', 'meaning'], rows);
}

function below(start: string, keys: readonly Key[]): Key[] {
  return keys.flatMap((key) => (key.path.startsWith(start) ? [{ ...key, path: key.path.slice(start.length) }] : []));
}

/** Every key of a map, and of the maps in it, in the order of the schema. */
function keysBelow(schema: Schema, path = ''): Key[] {
  const { properties = {}, required = [], additionalProperties, propertyNames, items, anyOf = [] } = schema;
  const named = Object.entries(properties).flatMap(([name, value]) =>
    keysAt(value as Schema, path === '' ? name : `${path}.${name}`, required.includes(name)),
  );
  // What names of its own stand for is said of the map that has them.
  const free = additionalProperties as Schema | false | undefined;
  const name = (propertyNames as Schema | undefined)?.pattern === VARIABLE ? '<NAME>' : '<name>';
  return [
    ...named,
    ...(free ? keysAt({ description: schema.description, ...free } as Schema, `${path}.${name}`) : []),
    ...(items === undefined ? [] : keysBelow(items as Schema, `${path}[]`)),
    ...anyOf.flatMap((one) => keysBelow(one as Schema, path)),
  ];
}

const VARIABLE = jsonSchema(variableName).pattern;

function keysAt(schema: Schema, path: string, isNeeded = false): Key[] {
  const meaning = `${isNeeded ? '**Needed.** ' : ''}${escaped(schema.description ?? '')}`;
  const own = { path, form: formOf(schema), meaning };
  const [first, ...others] = keysBelow(schema, path);
  // A map of names is told by one of them, where there is no more to say of it.
  if (first?.meaning === escaped(schema.description ?? '')) return [{ ...first, meaning }, ...others];
  return first ? [own, first, ...others] : [own];
}

/** What kind of value it is, in words. */
function formOf(schema: Schema): string {
  const { type, enum: choices, items, anyOf, minimum, maximum } = schema;
  if (choices) return choices.map((one) => code(String(one))).join(' or ');
  if (anyOf) {
    const forms = [...new Set(anyOf.map((one) => formOf(one as Schema)))];
    // Text that may be written without quotes.
    return forms.includes('text') && forms.includes('true or false') ? 'text' : forms.join(' or ');
  }
  if (type === 'array') return `list of ${formOf(items as Schema)}`;
  if (type === 'integer') return `whole number (${minimum} to ${maximum})`;
  return FORMS[String(type)] ?? String(schema.const);
}

const FORMS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  object: 'map',
  null: '`null`',
};

function jsonSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input' });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** What a description says, as it is: Markdown would take some of it for its own, and GitHub "$" for mathematics. */
function escaped(description: string): string {
  return description.replace(/[|<>*$]/g, '\\$&');
}

if (require.main === module) writeFileSync(REFERENCE_FILE, referenceText());
