import type { Expr } from '@actions/expressions';
import { github } from '../github/packages';
import { parse } from './evaluate';

/** What an expression reads of a context, such as `github`, `event`, `number`. */
export interface Access {
  /** In lower case, for case makes no difference. It ends where the next name is computed. */
  readonly path: readonly string[];
  /** Is it the first of two by `||`, so that something else is taken where it is not there? */
  readonly hasFallback: boolean;
  /** Does what is around it hold because there is nothing: `!x`, `x != 'y'`? */
  readonly isNegated: boolean;
}

/** Everything that an expression reads; nothing of one that is none. */
export function accessesIn(expression: string): readonly Access[] {
  try {
    return [...within(parse(expression), { hasFallback: false, isNegated: false })];
  } catch {
    return [];
  }
}

function* within(expr: Expr, around: Omit<Access, 'path'>): Generator<Access> {
  const ast = github();
  if (expr instanceof ast.ContextAccess) yield { path: [expr.name.lexeme.toLowerCase()], ...around };
  else if (expr instanceof ast.IndexAccess) {
    const path = pathOf(expr);
    if (path) yield { path: path.names, ...around };
    else yield* within(expr.expr, around);
    if (!(expr.index instanceof ast.Literal) && !(expr.index instanceof ast.Star)) yield* within(expr.index, around);
  } else if (expr instanceof ast.Unary) yield* within(expr.expr, { ...around, isNegated: true });
  else if (expr instanceof ast.Grouping) yield* within(expr.group, around);
  else if (expr instanceof ast.Binary) {
    const isNegated = around.isNegated || expr.operator.lexeme === '!=';
    yield* within(expr.left, { ...around, isNegated });
    yield* within(expr.right, { ...around, isNegated });
  } else if (expr instanceof ast.Logical) {
    const isOr = expr.operator.lexeme === '||';
    for (const [index, arg] of expr.args.entries()) {
      yield* within(arg, { ...around, hasFallback: around.hasFallback || (isOr && index < expr.args.length - 1) });
    }
  } else if (expr instanceof ast.FunctionCall) for (const arg of expr.args) yield* within(arg, around);
}

/** The names that lead to a value, as far as they are written; `[0]`, `*` and what is computed end them. */
function pathOf(expr: Expr): { readonly names: readonly string[]; readonly isOpen: boolean } | undefined {
  const ast = github();
  if (expr instanceof ast.ContextAccess) return { names: [expr.name.lexeme.toLowerCase()], isOpen: true };
  if (!(expr instanceof ast.IndexAccess)) return undefined;
  const before = pathOf(expr.expr);
  if (!before?.isOpen) return before;
  const { index } = expr;
  if (index instanceof ast.Literal && index.literal.kind === ast.data.Kind.String) {
    return { names: [...before.names, index.literal.coerceString().toLowerCase()], isOpen: true };
  }
  return { ...before, isOpen: false };
}
