import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isNode, isScalar, type Pair, parseDocument, stringify } from 'yaml';

const KEY = 'frozen';

/**
 * The text of a platform file with `frozen` set to a path, or without it. Every other byte stays as it is, comments and blank lines
 * included, so that a review shows the one line.
 */
export function withFrozen(text: string, path: string | undefined): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  const wanted = { ...(document.toJS() as object), ...(path === undefined ? {} : { [KEY]: path }) };
  if (path === undefined) delete (wanted as Record<string, unknown>)[KEY];
  const spliced = splice(text, document, path);
  return isDeepStrictEqual(parsed(spliced), wanted) ? spliced : rewritten(document, path);
}

/** For what can't be done in place, such as a file in braces: the YAML library writes it anew, and keeps the comments. */
function rewritten(document: Document, path: string | undefined): string {
  if (path === undefined) document.delete(KEY);
  else document.set(KEY, path);
  return document.toString({ lineWidth: 0 });
}

/**
 * What a platform file names as `frozen`, as it stands there. Also of a file that the rest of the program would refuse, as far as it can be
 * read: what it names is not to be lost because of a mistake elsewhere in it.
 */
export function frozenIn(text: string): string | undefined {
  const { contents } = parseDocument(text);
  const value = isMap(contents) ? contents.get(KEY) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function splice(text: string, document: Document, path: string | undefined): string {
  const root = document.contents;
  if (!isMap(root) || !root.range) return text;
  const cut = (from: number, to: number, by: string) => text.slice(0, from) + by + text.slice(to);
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === KEY) as Pair | undefined;
  const [keyStart = 0] = (isNode(pair?.key) && pair.key.range) || [];
  const value = isNode(pair?.value) ? pair.value.range : undefined;
  if (path === undefined) return value ? cut(lineStart(text, keyStart), lineEnd(text, value[2]), '') : text;

  const scalar = stringify(path).trimEnd();
  if (value) return cut(value[0], value[1], value[0] === value[1] ? ` ${scalar}` : scalar);
  // Behind what belongs to the last key, and behind comments at the end; before the mark of the document's end, if there is one.
  const mark = text.slice(root.range[1]).search(/^\.\.\.\s*$/m);
  const end = mark < 0 ? text.length : root.range[1] + mark;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const before = end === 0 || text[end - 1] === '\n' ? '' : eol;
  const [first] = root.items;
  const start = isNode(first?.key) && first.key.range ? first.key.range[0] : 0;
  const indent = ' '.repeat(start - lineStart(text, start));
  return cut(end, end, `${before}${indent}${KEY}: ${scalar}${eol}`);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The start of the line after, unless this is the start of one already. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

function parsed(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? undefined : document.toJS();
}
