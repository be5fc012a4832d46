import ts from 'typescript';
import type { Step } from '../workflow/workflow';
import type { Sender } from './sender';

/** `github.rest.repos.createDispatchEvent({...})` in a script of actions/github-script. */
export function scriptSenders({ uses, with: inputs }: Step): readonly Sender[] {
  const script = inputs?.get('script');
  if (!script?.text?.includes('createDispatchEvent') || !uses?.text?.startsWith('actions/github-script')) return [];
  const [found] = [...script.source.matches(/createDispatchEvent/g, script.place.line, script.lastLine)];
  const place = found?.place ?? script.place;
  return callsIn(script.text).map((given) => ({
    place,
    type: textIn(given, 'event_type'),
    target:
      given.get('repo') === undefined
        ? ''
        : /context\.repo/.test(given.get('repo')?.getText() ?? '')
          ? undefined
          : (textIn(given, 'repo') ?? ''),
    payloadKeys: keysIn(given.get('client_payload')),
  }));
}

type Properties = ReadonlyMap<string, ts.Expression>;

function callsIn(script: string): readonly Properties[] {
  const calls: Properties[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText().endsWith('createDispatchEvent')) {
      const [argument] = node.arguments;
      calls.push(argument && ts.isObjectLiteralExpression(argument) ? propertiesOf(argument) : new Map());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('script.js', script, ts.ScriptTarget.Latest, true));
  return calls;
}

function propertiesOf(object: ts.ObjectLiteralExpression): Properties {
  return new Map(
    object.properties.flatMap((property) =>
      ts.isPropertyAssignment(property) ? [[nameOf(property), property.initializer] as const] : [],
    ),
  );
}

function nameOf({ name }: ts.PropertyAssignment): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}

function textIn(properties: Properties, name: string): string | undefined {
  const value = properties.get(name);
  return value && ts.isStringLiteralLike(value) ? value.text : undefined;
}

function keysIn(value: ts.Expression | undefined): number | undefined {
  if (value === undefined) return 0;
  const isWhole = ts.isObjectLiteralExpression(value) && !value.properties.some(ts.isSpreadAssignment);
  return isWhole ? value.properties.length : undefined;
}
