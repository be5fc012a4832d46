/** `{tenant}` in a text, and every other name in braces: whoever writes braces means one. */
const PLACEHOLDER = /\{([^{}]*)\}/g;

export const PLACEHOLDERS = ['tenant', 'service'] as const;

export type Values = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

/** The names in braces that are none of the placeholders. */
export function unknownPlaceholders(text: string): string[] {
  const known: readonly string[] = PLACEHOLDERS;
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, name = '']) => (known.includes(name) ? [] : [name]));
}

export function filledIn(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (written, name: keyof Values) =>
    Object.hasOwn(values, name) ? values[name] : written,
  );
}
