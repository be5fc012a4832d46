/**
 * The patterns of `branches:`, `tags:` and `workflows:`: `*` is anything without a slash, `**` anything, `?` and `+` repeat
 * the character before them, `[]` is one of its characters, a backslash takes the meaning away, and `!` in front takes
 * back what patterns before it took.
 */
export function matchesPatterns(patterns: readonly string[], name: string): boolean {
  return patterns.reduce((matched, pattern) => {
    if (pattern.startsWith('!')) return matched && !matchesPattern(pattern.slice(1), name);
    return matched || matchesPattern(pattern, name);
  }, false);
}

/** One pattern without `!`. Walks along it with every end that a match of the piece so far can have: never slow. */
export function matchesPattern(pattern: string, name: string): boolean {
  let ends = new Set([0]);
  for (const piece of piecesOf(pattern)) ends = endsAfter(piece, name, ends);
  return ends.has(name.length);
}

export function isLiteral(pattern: string): boolean {
  return !/[*?+[\]!\\]/.test(pattern);
}

/** The pattern that matches a name and nothing else. */
export function escaped(name: string): string {
  return name.replace(/[*?+[\]\\]/g, '\\$&').replace(/^!/, '\\!');
}

/** A name that the pattern matches, to try others on; undefined where none is easily found. */
export function sampleOf(pattern: string): string | undefined {
  const sample = pattern
    .replace(/\*+/g, 'x')
    .replace(/\[(.)[^\]]*\]/g, '$1')
    .replace(/(?<!\\)[?+]/g, '')
    .replace(/\\(.)/g, '$1');
  return matchesPattern(pattern, sample) ? sample : undefined;
}

interface Piece {
  readonly takes: (character: string) => boolean;
  readonly times: 'once' | 'optional' | 'any' | 'some' | 'folders';
}

function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [token] of pattern.matchAll(/\\.|\*\*\/|\*+|\[[^\]]+\]|./gs)) {
    const last = pieces.at(-1);
    if (token === '**/') pieces.push({ takes: () => true, times: 'folders' });
    else if (token.startsWith('**')) pieces.push({ takes: () => true, times: 'any' });
    else if (token === '*') pieces.push({ takes: (character) => character !== '/', times: 'any' });
    else if (token === '?' && last?.times === 'once') pieces.splice(-1, 1, { ...last, times: 'optional' });
    else if (token === '+' && last?.times === 'once') pieces.splice(-1, 1, { ...last, times: 'some' });
    else if (token.length > 2) pieces.push({ takes: oneOf(token.slice(1, -1)), times: 'once' });
    else pieces.push({ takes: (character) => character === token.at(-1), times: 'once' });
  }
  return pieces;
}

/** Of `a-f0_`: is a character one of them? */
function oneOf(characters: string): (character: string) => boolean {
  const ranges = [...characters.matchAll(/(.)-(.)|./gs)].map(([one, from = one, to = one]) => [from, to] as const);
  return (character) => ranges.some(([from, to]) => character >= from && character <= to);
}

function endsAfter({ takes, times }: Piece, name: string, starts: ReadonlySet<number>): Set<number> {
  const ends = new Set<number>(times === 'once' || times === 'some' ? [] : starts);
  const repeats = times === 'any' || times === 'some' || times === 'folders';
  let open = false;
  for (let at = 0; at < name.length; at++) {
    open = (starts.has(at) || (open && repeats)) && takes(name.charAt(at));
    if (open && (times !== 'folders' || name[at] === '/')) ends.add(at + 1);
  }
  return ends;
}
