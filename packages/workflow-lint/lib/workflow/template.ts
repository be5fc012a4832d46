/** A piece of a text with expressions: what it says, or what is to be computed. */
export type Segment = { readonly literal: string } | { readonly expression: string };

/** Takes a text apart at its `${{ }}`. */
export function segments(text: string): readonly Segment[] {
  const found: Segment[] = [];
  let end = 0;
  for (let open = text.indexOf('${{'); open >= 0; open = text.indexOf('${{', end)) {
    const close = closing(text, open + 3);
    if (close < 0) break;
    if (open > end) found.push({ literal: text.slice(end, open) });
    found.push({ expression: text.slice(open + 3, close).trim() });
    end = close + 2;
  }
  if (end < text.length) found.push({ literal: text.slice(end) });
  return found;
}

/** Where the `}}` is that ends an expression; between single quotes it is part of it. */
function closing(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) return at;
  }
  return -1;
}

/** The expression that an `if:` is. Text outside of `${{ }}` makes a text of it all, and a text that is not empty holds. */
export function condition(text: string): string {
  if (!text.includes('${{')) return text.trim();
  const all = segments(text);
  const [first] = all;
  if (all.length === 1 && first && 'expression' in first) return first.expression;
  const given: string[] = [];
  const format = all.map((segment) => {
    if ('literal' in segment) return segment.literal.replace(/'/g, "''").replace(/[{}]/g, '$&$&');
    return `{${given.push(segment.expression) - 1}}`;
  });
  return `format('${format.join('')}', ${given.join(', ')})`;
}
