import { LineCounter, parseDocument, visit } from 'yaml';
import type { Place } from '../finding';

/** The text of a workflow file, and what its scalars say without quotes, indentation and escapes. */
export class Source {
  readonly lines: readonly string[];
  private readonly scalars = new Map<string, string>();

  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    this.lines = text.split(/\r?\n/);
    const counter = new LineCounter();
    const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, logLevel: 'silent' });
    visit(document, {
      Scalar: (_, { range, value }) => {
        if (!range || typeof value !== 'string') return;
        const { line, col } = counter.linePos(range[0]);
        this.scalars.set(`${line}:${col}`, value);
      },
    });
  }

  /** What the scalar that starts at a place says; undefined where none does. */
  scalarAt(line: number, column: number): string | undefined {
    return this.scalars.get(`${line}:${column}`);
  }

  /** Every match of `pattern` in some lines (1-based, both included), with its place. */
  *matches(
    pattern: RegExp,
    from: number,
    to: number,
  ): Generator<{ readonly place: Place; readonly match: RegExpExecArray }> {
    for (let line = from; line <= Math.min(to, this.lines.length); line++) {
      for (const match of (this.lines[line - 1] ?? '').matchAll(pattern)) {
        const column = match.index + 1;
        yield { place: { file: this.file, line, column, endColumn: column + match[0].length }, match };
      }
    }
  }
}
