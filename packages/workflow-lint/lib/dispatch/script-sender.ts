import ts from 'typescript';
import type { Step } from '../workflow/workflow';
import type { Sender } from './sender';

const MENTION = /createDispatchEvent|\/dispatches\b/g;
const EVENTS = /\/repos\/([^\s]*?)\/dispatches\b/;
const OF_A_WORKFLOW = /\/actions\/workflows\//;

/**
 * A script of actions/github-script, or of an action like it: `github.rest.repos.createDispatchEvent({...})`,
 * `octokit.request('POST /repos/{owner}/{repo}/dispatches', {...})`, `fetch('.../dispatches', {...})`.
 */
export function scriptSenders({ with: inputs }: Step): readonly Sender[] {
  const script = inputs?.get('script');
  if (!script?.text || OF_A_WORKFLOW.test(script.text) || !script.text.match(MENTION)) return [];
  const [found] = [...script.source.matches(MENTION, script.place.line, script.lastLine)];
  const place = found?.place ?? script.place;
  const calls = callsIn(script.text);
  // It sends by a call that is none of those.
  if (calls.length === 0) return [{ place, type: undefined, target: '', payloadKeys: undefined }];
  return calls.map((call) => ({ place, ...call }));
}

type Call = Omit<Sender, 'place'>;

function callsIn(text: string): readonly Call[] {
  const script = ts.createSourceFile('script.js', text, ts.ScriptTarget.Latest, true);
  const variables = new Map<string, ts.Expression>();
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      variables.set(node.name.text, node.initializer);
    }
    if (ts.isCallExpression(node)) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(script);
  const resolve = (value: ts.Expression): ts.Expression =>
    (ts.isIdentifier(value) ? variables.get(value.text) : undefined) ?? value;

  return calls.flatMap((call): readonly Call[] => {
    const given = new Map<string, ts.Expression>();
    for (const argument of call.arguments) gather(argument, resolve, given, 0);
    const addresses = [...call.arguments, ...given.values()].map((each) => resolve(each).getText());
    const address = addresses.find((each) => /^["'`]/.test(each) && /\/dispatches\b/.test(each));
    const isEvent = /\bcreateDispatchEvent(["'`]\])?$/.test(call.expression.getText());
    if (!isEvent && address === undefined) return [];
    return [
      {
        type: textOf(given.get('event_type'), resolve),
        target: targetOf(given.get('repo') && resolve(given.get('repo') as ts.Expression), address),
        payloadKeys: keysIn(given.get('client_payload'), resolve, given.has('event_type')),
      },
    ];
  });
}

/** The properties of an object, and of what is made a text in it: the body of a request. */
function gather(
  value: ts.Node,
  resolve: (value: ts.Expression) => ts.Expression,
  into: Map<string, ts.Expression>,
  depth: number,
): void {
  const node = ts.isExpression(value) ? resolve(value) : value;
  if (depth > 4) return;
  if (ts.isCallExpression(node)) for (const each of node.arguments) gather(each, resolve, into, depth + 1);
  if (!ts.isObjectLiteralExpression(node)) return;
  for (const property of node.properties) {
    if (ts.isShorthandPropertyAssignment(property)) into.set(property.name.text, resolve(property.name));
    if (!ts.isPropertyAssignment(property)) continue;
    const name = nameOf(property);
    into.set(name, property.initializer);
    if (['body', 'data'].includes(name)) gather(property.initializer, resolve, into, depth + 1);
  }
}

/** As an address or a property names it: `''` where neither can be seen, undefined for the repository itself. */
function targetOf(repo: ts.Expression | undefined, address: string | undefined): string | undefined {
  if (repo && ts.isStringLiteralLike(repo)) return repo.text;
  if (repo) return /context\.repo/.test(repo.getText()) ? undefined : '';
  const target = EVENTS.exec(address ?? '')?.[1] ?? '';
  if (/context\.repo\b.*context\.repo\b|github\.repository\s*\}|GITHUB_REPOSITORY/.test(target)) return undefined;
  return /[{}]/.test(target) ? '' : target;
}

function nameOf({ name }: ts.PropertyAssignment): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}

function textOf(
  given: ts.Expression | undefined,
  resolve: (value: ts.Expression) => ts.Expression,
): string | undefined {
  const value = given && resolve(given);
  if (!value) return undefined;
  if (ts.isStringLiteralLike(value)) return value.text;
  const [, variable] = /^process\.env\.(\w+)$/.exec(value.getText()) ?? [];
  return variable && `\${${variable}}`;
}

function keysIn(
  given: ts.Expression | undefined,
  resolve: (value: ts.Expression) => ts.Expression,
  isKnown: boolean,
): number | undefined {
  const value = given && resolve(given);
  if (value === undefined) return isKnown ? 0 : undefined;
  const isWhole = ts.isObjectLiteralExpression(value) && !value.properties.some(ts.isSpreadAssignment);
  return isWhole ? value.properties.length : undefined;
}
