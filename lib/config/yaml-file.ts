import { readFileSync } from 'node:fs';
import { isMap, isNode, isPair, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { type Problem, shownPath } from './problem';

type Path = readonly PropertyKey[];

/** A YAML file that parsed, and the way back from a value in it to the line where it stands. */
export class YamlFile {
  private constructor(
    readonly file: string,
    readonly value: unknown,
    private readonly root: Node | null,
    private readonly lines: LineCounter,
  ) {}

  /** Reads and parses `path`. What is wrong with the file (unreadable, not YAML, a key twice, empty) comes back as problems. */
  static read(path: string): YamlFile | Problem[] {
    const file = shownPath(path);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return [{ file, message: code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${message}` }];
    }
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
    if (document.errors.length > 0) return document.errors.map((error) => syntaxProblem(file, error, lines));
    const value: unknown = document.toJS();
    if (value === null) return [{ file, message: 'the file is empty' }];
    return new YamlFile(file, value, document.contents, lines);
  }

  /** A problem with what stands at `path`; with the nearest enclosing value where nothing stands there. */
  problem(path: Path, message: string): Problem {
    return this.problemAt(this.nodeAt(path), message);
  }

  /** A problem with a key itself, such as one that nobody knows. */
  keyProblem(parent: Path, key: string, message: string): Problem {
    const map = this.nodeAt(parent);
    const pair = isMap(map) ? map.items.find((item) => String(item.key) === key) : undefined;
    return this.problemAt(pair && isNode(pair.key) ? pair.key : map, message);
  }

  private problemAt(node: Node | null, message: string): Problem {
    const { line, col } = this.lines.linePos(node?.range?.[0] ?? 0);
    return { file: this.file, line, column: col, message };
  }

  private nodeAt(path: Path): Node | null {
    let found = this.root;
    for (const key of path) {
      const next: unknown =
        found && 'get' in found ? (found.get as (key: PropertyKey, keep: true) => unknown)(key, true) : undefined;
      const node = isPair(next) ? next.value : next;
      if (!isNode(node)) break;
      found = node;
    }
    return found;
  }
}

function syntaxProblem(file: string, error: YAMLError, lines: LineCounter): Problem {
  const { line, col } = lines.linePos(error.pos[0]);
  const message = error.code === 'DUPLICATE_KEY' ? 'this key stands twice in the same map' : error.message;
  return { file, line, column: col, message };
}
