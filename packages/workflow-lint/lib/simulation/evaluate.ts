import type { Expr } from '@actions/expressions';
import type { Binary, FunctionCall, IndexAccess, Logical, Unary } from '@actions/expressions/ast';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { github } from '../github/packages';
import type { Part } from '../workflow/part';
import { segments } from '../workflow/template';
import { all, any, type Chance } from './chance';
import {
  chanceOf,
  decidedBy,
  type Origin,
  originOf,
  originWithin,
  type Plain,
  Special,
  textOf,
  toValue,
  unknown,
  type Value,
} from './value';

/** What expressions are evaluated with: contexts by name, and what the status functions answer. */
export interface Scope {
  readonly contexts: { readonly [name: string]: Plain };
  readonly status?: { readonly success: Chance; readonly failure: Chance };
}

/** Evaluates an expression by GitHub's library. What can't be evaluated is anybody's choice, as far as a linter can tell. */
export function evaluate(expression: string, scope: Scope): Value {
  try {
    return new (evaluatorClass())(parse(expression), dictionaryOf(scope), functionsOf(scope)).evaluate();
  } catch {
    return toValue(unknown('open'));
  }
}

/** What a text with `${{ }}` comes to. One that is an expression and nothing else may be more than a text. */
export function evaluateTemplate(text: string, scope: Scope): Value {
  const parts = segments(text);
  const [first] = parts;
  if (first && parts.length === 1 && 'expression' in first) return evaluate(first.expression, scope);
  const values = parts.map((part) => ('literal' in part ? toValue(part.literal) : evaluate(part.expression, scope)));
  const origin = decidedBy(values.map(originWithin));
  return toValue(origin ? unknown(origin) : values.map((value) => value.coerceString()).join(''));
}

/** What a text with `${{ }}` says; undefined where that is not known. */
export function evaluateText(text: string, scope: Scope): string | undefined {
  return textOf(evaluateTemplate(text, scope));
}

/** What a part of a file comes to, to be known by a name. */
export function evaluatePart({ text }: Part, scope: Scope): Plain {
  const value = evaluateTemplate(text ?? '', scope);
  return new Special(() => value);
}

const CONTEXTS = 'github env vars job jobs steps runner secrets strategy matrix needs inputs'.split(' ');
const STATUS = ['always', 'success', 'failure', 'cancelled'];

export function parse(expression: string): Expr {
  const { Lexer, Parser } = github();
  const functions = [...STATUS, 'hashFiles'].map((name) => ({ name, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER }));
  return new Parser(new Lexer(expression).lex().tokens, CONTEXTS, functions).parse();
}

function dictionaryOf({ contexts }: Scope) {
  const { data } = github();
  const missing = CONTEXTS.filter((name) => !(name in contexts)).map((key) => ({ key, value: new data.Null() }));
  return new data.Dictionary(
    ...Object.entries(contexts).map(([key, plain]) => ({ key, value: toValue(plain) })),
    ...missing,
  );
}

function functionsOf({ status = { success: 'yes', failure: 'no' } }: Scope): Map<string, FunctionDefinition> {
  const answers: Readonly<Record<string, Chance>> = {
    always: 'yes',
    success: status.success,
    failure: status.failure,
    // A run that somebody cancels is not what guards are for.
    cancelled: 'no',
    // What a step made decides it.
    hashfiles: 'guarded',
  };
  return new Map(
    Object.entries(answers).map(([name, answer]) => [
      name,
      { name, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER, call: () => truthValue(answer) },
    ]),
  );
}

function truthValue(chance: Chance): Value {
  return toValue(chance === 'open' || chance === 'guarded' ? unknown(chance) : chance === 'yes');
}

let defined: ReturnType<typeof define> | undefined;

function evaluatorClass() {
  defined ??= define();
  return defined;
}

/** GitHub's evaluator, that also takes values which are not known. What it has evaluated, it does not evaluate again. */
function define() {
  const { Binary: BinaryExpression, Evaluator, FunctionCall: Call, IndexAccess: Access, Literal, Star } = github();
  const nowhere = { line: 0, column: 0 };
  const known = (value: Value) => new Literal(value, { type: 0, lexeme: '', range: { start: nowhere, end: nowhere } });
  return class extends Evaluator {
    override visitUnary({ expr }: Unary): Value {
      const chance = chanceOf(this.eval(expr));
      if (chance === 'open' || chance === 'guarded') return toValue(unknown(chance));
      return toValue(chance === 'no');
    }

    override visitBinary({ left, operator, right }: Binary): Value {
      const [a, b] = [this.eval(left), this.eval(right)];
      const origin = decidedBy([originOf(a), originOf(b)]);
      if (origin) return toValue(unknown(origin));
      return super.visitBinary(new BinaryExpression(known(a), operator, known(b)));
    }

    /** Ends at the first value that decides. After one that may decide, nobody knows which value it is. */
    override visitLogical({ operator, args }: Logical): Value {
      const isAnd = operator.lexeme === '&&';
      const undecided: Origin[] = [];
      for (const [index, arg] of args.entries()) {
        const value = this.eval(arg);
        const chance = chanceOf(value);
        const decides = chance === (isAnd ? 'no' : 'yes');
        if (chance === 'open' || chance === 'guarded') undecided.push(chance);
        else if (undecided.length === 0 && (decides || index === args.length - 1)) return value;
        else if (decides) return toValue(unknown('open', chance));
      }
      const chance = isAnd ? all(undecided) : any(undecided);
      return toValue(unknown(chance === 'guarded' ? chance : 'open'));
    }

    override visitIndexAccess({ expr, index }: IndexAccess): Value {
      const object = known(this.eval(expr));
      if (index instanceof Star) return super.visitIndexAccess(new Access(object, index));
      const key = this.eval(index);
      const origin = originOf(key);
      return origin ? toValue(unknown(origin)) : super.visitIndexAccess(new Access(object, known(key)));
    }

    override visitFunctionCall({ functionName, args }: FunctionCall): Value {
      const values = args.map((arg) => this.eval(arg));
      const isStatus = STATUS.includes(functionName.lexeme.toLowerCase());
      const origin = isStatus ? undefined : decidedBy(values.map(originWithin));
      if (origin) return toValue(unknown(origin));
      return super.visitFunctionCall(new Call(functionName, values.map(known)));
    }
  };
}
