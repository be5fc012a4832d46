import { z } from 'zod';

/** What the API server holds a value against, beyond what JSON Schema says: keys of a CustomResourceDefinition's schema. */
export interface ApiRules {
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string;
    readonly message: string;
    readonly fieldPath?: string;
  }[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
  readonly format?: string;
}

/** The rules of each schema that has some. The editor schemas, which are generated from the same leaves, have none of them. */
export const apiRules = z.registry<ApiRules>();

/** The schema with rules for the API server, after those that it has. */
export function withApiRules<Schema extends z.ZodType>(schema: Schema, rules: ApiRules): Schema {
  const before = apiRules.get(schema) ?? {};
  const validations = [...(before['x-kubernetes-validations'] ?? []), ...(rules['x-kubernetes-validations'] ?? [])];
  const copy = schema.clone() as Schema;
  apiRules.add(copy as z.ZodType, {
    ...before,
    ...rules,
    ...(validations.length > 0 && { 'x-kubernetes-validations': validations }),
  });
  return copy;
}

export interface Rule<Value> {
  readonly holds: (value: Value) => boolean;
  readonly cel: string;
  readonly message: string;
}

/** A rule that neither JSON Schema nor a pattern can say, once for the files and once for the API server in its language (CEL). */
export function rule<Schema extends z.ZodType>(schema: Schema, ...rules: readonly Rule<z.output<Schema>>[]): Schema {
  return rules.reduce(
    (before, { holds, cel, message }) =>
      withApiRules(before.refine(holds, message), { 'x-kubernetes-validations': [{ rule: cel, message }] }),
    schema,
  );
}

/**
 * Refuses the texts that a pattern finds. A pattern of the API server can't: it is a regular expression of Go's, which knows no "but not".
 *
 * @param pattern - in what JavaScript and Go have in common.
 */
export function refusing<Schema extends z.ZodType<string>>(schema: Schema, pattern: RegExp, message: string): Schema {
  const cel = `!self.matches(${JSON.stringify(pattern.source)})`;
  return rule(schema, { holds: (value) => !pattern.test(value), cel, message }).meta({
    ...schema.meta(),
    not: { pattern: pattern.source },
  });
}
