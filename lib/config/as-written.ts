import { z } from 'zod';
import type { SchemaNode } from '../tenant/schema-node';

const SCHEMAS = new WeakSet<object>();

/** Text that may be written without quotes even where YAML then reads a number, or true or false: it is what stands in the file. */
export function asWritten(schema: z.ZodType<string, string>) {
  const written = z
    .union([schema, z.number(), z.boolean()], schema.safeParse(null).error?.issues[0]?.message)
    .transform(String);
  SCHEMAS.add(written);
  return written;
}

/**
 * The value of a file, with the text of each number, true or false that is text to its schema: `1.10` and not `1.1`.
 *
 * @param textAt - what stands at a path.
 */
export function withWrittenText(
  schema: z.ZodType,
  value: unknown,
  textAt: (path: readonly string[]) => string | undefined,
): unknown {
  const walk = (node: SchemaNode, here: unknown, path: readonly string[]): unknown => {
    const { innerType, shape, valueType, element } = node._zod.def;
    if (innerType) return walk(innerType, here, path);
    if (SCHEMAS.has(node)) return typeof here === 'number' || typeof here === 'boolean' ? textAt(path) : here;
    if (element && Array.isArray(here)) return here.map((item, index) => walk(element, item, [...path, String(index)]));
    if (typeof here !== 'object' || here === null || Array.isArray(here) || !(shape || valueType)) return here;
    return Object.fromEntries(
      Object.entries(here).map(([key, below]) => {
        const inner = shape && Object.hasOwn(shape, key) ? shape[key] : valueType;
        return [key, inner ? walk(inner, below, [...path, key]) : below];
      }),
    );
  };
  return walk(schema as unknown as SchemaNode, value, []);
}
