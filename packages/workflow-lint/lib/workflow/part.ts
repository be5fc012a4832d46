import type {
  BasicExpressionToken,
  MappingToken,
  ScalarToken,
  SequenceToken,
  TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index';
import type { Place } from '../finding';
import { github } from '../github/packages';
import type { Source } from './source';

/** A part of a workflow file: a mapping, a list or a text. What is asked of it that it is not, is not there. */
export class Part {
  constructor(
    readonly token: TemplateToken,
    readonly source: Source,
  ) {}

  get place(): Place {
    const { start, end } = this.token.range ?? { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
    const endColumn = end.line === start.line ? { endColumn: Math.max(end.column, start.column + 1) } : {};
    return { file: this.source.file, ...start, ...endColumn };
  }

  /** The last line that it stands on. */
  get lastLine(): number {
    const { line, column } = this.token.range?.end ?? { line: this.place.line, column: 1 };
    // What ends before the first column of a line ended on the line before.
    return column === 1 ? line - 1 : line;
  }

  get entries(): readonly { readonly key: Part; readonly value: Part }[] {
    if (!github().isMapping(this.token)) return [];
    return [...(this.token as MappingToken)].map(({ key, value }) => ({
      key: new Part(key, this.source),
      value: new Part(value, this.source),
    }));
  }

  get(name: string): Part | undefined {
    return this.entries.find(({ key }) => key.text === name)?.value;
  }

  keyOf(name: string): Part | undefined {
    return this.entries.find(({ key }) => key.text === name)?.key;
  }

  /** Those of a list; a lone text is a list of one, as GitHub takes it too. */
  get items(): readonly Part[] {
    if (github().isSequence(this.token)) {
      return [...(this.token as SequenceToken)].map((token) => new Part(token, this.source));
    }
    return github().isScalar(this.token) ? [this] : [];
  }

  /** Those of a list, as texts. */
  get texts(): readonly string[] {
    return this.items.flatMap(({ text }) => text ?? []);
  }

  /** What a text says, expressions in it as they are written. */
  get text(): string | undefined {
    if (!github().isScalar(this.token)) return undefined;
    const token = this.token as ScalarToken;
    if (!token.isExpression) return token.toString();
    const { expression, source, originalExpressions } = token as BasicExpressionToken;
    if (originalExpressions === undefined) return `\${{ ${expression} }}`;
    // The parser keeps a text of several lines with its indentation, which is not in what it says.
    return this.source.scalarAt(this.place.line, this.place.column) ?? source;
  }

  /** Every text within, this one too, keys left out. */
  *scalars(): Generator<Part> {
    if (github().isScalar(this.token)) yield this;
    else {
      const within = github().isSequence(this.token) ? this.items : this.entries.map(({ value }) => value);
      for (const part of within) yield* part.scalars();
    }
  }
}
