import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { EDITOR_SCHEMAS, editorSchema } from '../../lib/config/editor-schemas';
import { loadConfiguration } from '../../lib/config/load';

const ROOT = resolve(__dirname, '../..');
const SCHEMAS = join(ROOT, 'lib/config');

// Not those that a company edits: how they come to their editor's help is its business.
const PLATFORM_FILES = ['local', 'examples/environments'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name)),
);
const TENANT_FILES = PLATFORM_FILES.flatMap((file) => {
  const folder = join(dirname(file), parse(readFileSync(join(ROOT, file), 'utf8')).tenants ?? 'tenants');
  return readdirSync(join(ROOT, folder)).map((name) => join(folder, name));
});

test.each(Object.entries(EDITOR_SCHEMAS))('%s is what the program generates', (name, schema) => {
  const committed: unknown = JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'));
  const generated: unknown = JSON.parse(editorSchema(schema));
  if (JSON.stringify(committed) !== JSON.stringify(generated)) {
    throw new Error(`lib/config/${name} is not what the program generates: run npm run schemas`);
  }
});

test('every JSON schema beside the program is one that it generates', () => {
  const files = readdirSync(SCHEMAS).filter((name) => name.endsWith('.schema.json'));
  expect(files.sort()).toEqual(Object.keys(EDITOR_SCHEMAS).sort());
});

describe.each([
  ...PLATFORM_FILES.map((file) => [file, 'platform.schema.json'] as const),
  ...TENANT_FILES.map((file) => [file, 'tenant.schema.json'] as const),
])('%s', (file, schema) => {
  const text = readFileSync(join(ROOT, file), 'utf8');

  test(`begins with the comment that gives editors ${schema}`, () => {
    const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? 'nothing';
    expect(relative(SCHEMAS, resolve(ROOT, dirname(file), named))).toBe(schema);
  });

  test('is accepted by the JSON schema that its comment names', () => {
    expect(committedSchema(schema).safeParse(parse(text)).error).toBeUndefined();
  });

  test('is refused by that JSON schema with a key that nobody knows', () => {
    expect(committedSchema(schema).safeParse({ ...parse(text), colour: 'blue' }).success).toBe(false);
  });
});

test.each(PLATFORM_FILES)('%s loads with all tenants', (file) => {
  const { tenants } = loadConfiguration(join(ROOT, file));
  const files = tenants.map(({ name }) => TENANT_FILES.filter((one) => one.endsWith(`/${name}.yaml`)).length);
  expect(files.every((found) => found > 0)).toBe(true);
  expect(tenants.length).toBeGreaterThan(0);
});

test('every key has a description, which editors show', () => {
  for (const name of Object.keys(EDITOR_SCHEMAS)) expect(undescribed(committedText(name))).toEqual([]);
});

test('editors do not ask for what has a default', () => {
  expect(committedText('tenant.schema.json')).toMatchObject({ required: ['host'] });
});

function committedText(name: string): JsonSchema {
  return JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'));
}

function committedSchema(name: string): z.ZodType {
  return z.fromJSONSchema(committedText(name) as Parameters<typeof z.fromJSONSchema>[0]);
}

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** Paths of the properties without a description. */
function undescribed({ properties = {}, additionalProperties }: JsonSchema, path = ''): string[] {
  const inside = Object.entries(properties).flatMap(([key, schema]) => [
    ...(schema.description ? [] : [path + key]),
    ...undescribed(schema, `${path + key}.`),
  ]);
  return typeof additionalProperties === 'object'
    ? [...inside, ...undescribed(additionalProperties, `${path}*.`)]
    : inside;
}
