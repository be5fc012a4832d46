import ts from 'typescript';
import type { Place } from '../finding';
import type { Part } from '../workflow/part';

/** Does a test hold under workflow_run? Undefined where it is about something else. */
type Answer = boolean | undefined;

/**
 * Is a place in a shell script behind a test that leaves workflow_run out: in the `else` of one that asks for it, in the
 * branch of another event? `variables` are those that the script has, with the expressions that they are made of.
 */
export function isUnreachedInShell(script: Part, place: Place, variables: ReadonlyMap<string, string>): boolean {
  const before = textUpTo(script, place).replace(/^\s*#.*$/gm, '');
  const branches: { here: Answer; before: Answer[]; word?: string }[] = [];
  for (const [, , test, word, keyword, pattern] of before.matchAll(STATEMENTS)) {
    const last = branches.at(-1);
    if (test?.startsWith('if')) branches.push({ here: holds(test.slice(2), variables), before: [] });
    else if (word !== undefined) branches.push({ here: undefined, before: [], word: plain(filledIn(word, variables)) });
    else if (keyword === 'fi' || keyword === 'esac') branches.pop();
    else if (last && (test !== undefined || keyword === 'else')) {
      last.before.push(last.here);
      last.here = next(last.before, test === undefined ? true : holds(test.slice(4), variables));
    } else if (last?.word === EVENT && pattern !== undefined) {
      last.before.push(last.here);
      const takes = pattern.split('|').some((each) => ['workflow_run', '*'].includes(plain(each)));
      last.here = next(last.before.slice(1), takes);
    }
  }
  const [, left, operator] = /([^\n;]*?)(&&|\|\|)[^\n;&|]*$/.exec(before) ?? [];
  const short = left === undefined ? undefined : holds(left, variables);
  return branches.some(({ here }) => here === false) || short === (operator === '||');
}

const STATEMENTS =
  /(^|[;&|({]|\bthen|\belse|\bdo)\s*(?:((?:el)?if\s[\s\S]*?)[;\s]\s*then\b|case\s+(\S+)\s+in\b|(else|fi|esac)\b|\(?([\w"'*|-]+)\)(?!\)))/gm;

/** Of a branch behind others. */
function next(before: readonly Answer[], own: Answer): Answer {
  if (before.includes(true)) return false;
  return own === false || before.every((each) => each === false) ? own : undefined;
}

function holds(test: string, variables: ReadonlyMap<string, string>): Answer {
  const either = test.split('||');
  if (either.length > 1)
    return decided(
      either.map((each) => holds(each, variables)),
      true,
    );
  const both = test.split('&&');
  if (both.length > 1)
    return decided(
      both.map((each) => holds(each, variables)),
      false,
    );
  const [, not, what = ''] = /^\s*(!?)\s*(?:\[\[?|test\s)\s*(.*?)\s*\]{0,2}\s*$/s.exec(test) ?? [];
  const answer = compared(filledIn(what, variables));
  return answer === undefined ? undefined : answer !== (not === '!');
}

function decided(answers: readonly Answer[], by: boolean): Answer {
  if (answers.includes(by)) return by;
  return answers.every((each) => each === !by) ? !by : undefined;
}

function compared(what: string): Answer {
  const [, empty, text] = /^-([nz])\s+["']?(\w+)["']?$/.exec(what) ?? [];
  if (text === HEAD) return empty === 'n';
  const [, left = '', operator, right = ''] = /^(\S+)\s*(==?|!=)\s*(\S+)$/.exec(what) ?? [];
  const names = [left, right].map(plain);
  if (!names.includes(EVENT)) return undefined;
  // Whatever the other side is compared with, under workflow_run this is its name.
  return names.every((name) => name === EVENT || name === 'workflow_run') === (operator !== '!=');
}

const EVENT = '\u0001';
const HEAD = 'HEAD_SHA_OF_THE_RUN';

/** What is asked for, with the event and the commit of the run in the place of what comes to them. */
function filledIn(text: string, variables: ReadonlyMap<string, string>): string {
  return text
    .replace(/\$\{(\w+)(?::?-)?\}|\$(\w+)/g, (whole, braced, bare) => {
      const name: string = braced ?? bare;
      return name === 'GITHUB_EVENT_NAME' ? EVENT : (variables.get(name) ?? whole);
    })
    .replace(/\$\{\{\s*github\.event_name\s*\}\}/g, EVENT)
    .replace(/\$\{\{\s*github\.event\.workflow_run\.head_sha\s*\}\}/g, HEAD);
}

function plain(text: string): string {
  return text.replace(/^["'(]+|["')]+$/g, '');
}

/** The same, of a script in JavaScript. */
export function isUnreachedInJavaScript(script: Part, place: Place): boolean {
  const text = textUpTo(script, { ...place, line: script.lastLine, column: Number.POSITIVE_INFINITY });
  const at = textUpTo(script, place).length;
  const tree = ts.createSourceFile('script.js', text, ts.ScriptTarget.Latest, true);
  const isIn = (node: ts.Node | undefined) => node !== undefined && node.getStart() <= at && at < node.getEnd();
  const visit = (node: ts.Node): boolean => {
    if (!isIn(node) && node !== tree) return false;
    if (ts.isIfStatement(node)) {
      const answer = asked(node.expression);
      if (isIn(answer ? node.elseStatement : answer === false ? node.thenStatement : undefined)) return true;
    } else if (ts.isConditionalExpression(node)) {
      const answer = asked(node.condition);
      if (isIn(answer ? node.whenFalse : answer === false ? node.whenTrue : undefined)) return true;
    } else if (ts.isBinaryExpression(node) && isIn(node.right)) {
      const operator = node.operatorToken.kind;
      const falls = operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.QuestionQuestionToken;
      if (falls && /workflow_run\??\.head_sha$/.test(node.left.getText())) return true;
    }
    return ts.forEachChild(node, visit) ?? false;
  };
  return visit(tree);
}

function asked(test: ts.Expression): Answer {
  const text = test.getText();
  if (/^!?[\w.]*\bpayload\??\.workflow_run$/.test(text)) return !text.startsWith('!');
  const [, operator = '', name] =
    /^(?:[\w.]*context\.eventName|process\.env\.GITHUB_EVENT_NAME|['"`]\$\{\{\s*github\.event_name\s*\}\}['"`])\s*([!=]==?)\s*['"`](\w+)['"`]$/.exec(
      text,
    ) ?? [];
  return name === undefined ? undefined : (name === 'workflow_run') === operator.startsWith('=');
}

/** As it stands in the file, without the header of a block. */
function textUpTo({ source, place: start }: Part, { line, column }: Place): string {
  const lines = source.lines.slice(start.line - 1, line);
  const cut = lines.map((text, index) => (index === lines.length - 1 ? text.slice(0, column - 1) : text));
  return [(cut[0] ?? '').slice(start.column - 1).replace(/^[|>][+-]?\d?|^["']/, ''), ...cut.slice(1)].join('\n');
}
