import { readFileSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { shownPath } from '../text/shown-path';
import type { Problem } from './problem';

type Path = readonly PropertyKey[];

/** Where something stands: `tenants/globex.yaml:3:9`. */
export type Place = Required<Pick<Problem, 'file' | 'line' | 'column'>>;

/** A YAML file that parsed, and the way back from a value in it to the line where it stands. */
export class YamlFile {
  private constructor(
    readonly file: string,
    readonly value: unknown,
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  /** Reads and parses `path`. What is wrong with the file (unreadable, not YAML, a key twice, empty) comes back as problems. */
  static read(path: string): YamlFile | Problem[] {
    const file = shownPath(path);
    let text: string;
    try {
      text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return [{ file, message: code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${message}` }];
    }
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
    const errors = [...document.errors, ...document.warnings];
    if (errors.length > 0) return syntaxProblems(file, errors, lines);
    const yaml = (value: unknown) => new YamlFile(file, value, document, lines);
    try {
      const unusable = unusableNodes(document);
      if (unusable.length > 0) return unusable.map(({ node, message }) => yaml(null).problemAt(node, message));
      const value: unknown = document.toJS();
      return value === null ? [{ file, message: 'the file is empty' }] : yaml(value);
    } catch (error) {
      return [yaml(null).problem([], `its aliases cannot be followed: ${(error as Error).message}`)];
    }
  }

  /** A problem with what stands at `path`; with the nearest enclosing value where nothing stands there. */
  problem(path: Path, message: string): Problem {
    return this.problemAt(this.nodeAt(path), message);
  }

  /** Where what is at `path` stands; of what comes by an alias, where the alias does. */
  place(path: Path): Place {
    return this.placeOf(this.nodeAt(path));
  }

  /** A problem with a key itself, such as one that nobody knows. */
  keyProblem(parent: Path, key: string, message: string): Problem {
    const map = this.nodeAt(parent);
    const pair = isMap(map) ? map.items.find((item) => String(item.key) === key) : undefined;
    return this.problemAt(pair && isNode(pair.key) ? pair.key : map, message);
  }

  /** What stands at `path` as it is written; undefined where that is a list, a map or nothing. */
  textAt(path: Path): string | undefined {
    let here: unknown = this.document.contents;
    for (const key of path) {
      const whole = isAlias(here) ? here.resolve(this.document) : here;
      here = below(whole, key);
    }
    const scalar = isAlias(here) ? here.resolve(this.document) : here;
    return isScalar(scalar) ? (scalar.source ?? String(scalar.value)) : undefined;
  }

  private problemAt(node: Node | null, message: string): Problem {
    return { ...this.placeOf(node), message };
  }

  private placeOf(node: Node | null): Place {
    const { line, col } = this.lines.linePos(node?.range?.[0] ?? 0);
    return { file: this.file, line, column: col };
  }

  private nodeAt(path: Path): Node | null {
    let found = this.document.contents;
    for (const key of path) {
      const node = below(found, key);
      if (!isNode(node)) break;
      found = node;
    }
    return found;
  }
}

/** What a map or a list has under a key. A key that YAML takes for a number is text to everybody else. */
function below(node: unknown, key: PropertyKey): unknown {
  if (isMap(node)) return node.items.find((pair) => String(pair.key) === String(key))?.value;
  return isSeq(node) ? node.get(Number(key), true) : undefined;
}

/** What no schema sees: aliases of nothing, keys that are lists or maps, and the key that JavaScript keeps for itself. */
function unusableNodes(document: Document): { readonly node: Node; readonly message: string }[] {
  const found: { readonly node: Node; readonly message: string }[] = [];
  const anchors = new Set<string | undefined>();
  visit(document, {
    Node: (_, node) => void anchors.add('anchor' in node ? node.anchor : undefined),
    Alias(_, node) {
      if (!anchors.has(node.source)) found.push({ node, message: `there is no anchor "&${node.source}" before this` });
    },
    Pair(_, { key: node }) {
      const isText = isScalar(node) && node.value !== null && node.value !== '__proto__';
      if (isNode(node) && !isText) found.push({ node, message: 'a key must be text' });
    },
  });
  return found;
}

const IN_WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands twice in the same map',
  MULTILINE_IMPLICIT_KEY: 'there is no ":" after this key',
  MULTIPLE_DOCS: 'a second document begins here ("---"), and the file may hold one only',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
};

function syntaxProblems(file: string, errors: readonly YAMLError[], lines: LineCounter): Problem[] {
  const tooMuch = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  return (tooMuch ? [tooMuch] : errors).map(({ code, message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return { file, line, column: col, message: IN_WORDS[code] ?? message };
  });
}
