const HIDDEN = '(sensitive)';

/** A value of a plan without what Terraform calls sensitive, and without whatever stands in a Kubernetes Secret. */
export function withoutSecrets(value: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return HIDDEN;
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, at(sensitive, index)));
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const { kind } = value as { kind?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      withoutSecrets(inner, (kind === 'Secret' && IN_A_SECRET.has(key)) || at(sensitive, key)),
    ]),
  );
}

/** Where a Secret keeps them; `stringData` is only ever written, and then it is in the plan too. */
const IN_A_SECRET = new Set(['data', 'stringData']);

function at(sensitive: unknown, key: string | number): unknown {
  return typeof sensitive === 'object' && sensitive !== null
    ? (sensitive as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
