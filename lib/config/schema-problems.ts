import type { z } from 'zod';
import { type SchemaNode, unwrapped } from '../tenant/schema-node';
import { suggestion } from '../text/suggestion';
import { withWrittenText } from './as-written';
import type { Problem } from './problem';
import type { YamlFile } from './yaml-file';

type Issue = z.core.$ZodIssue;

/** Holds a YAML file against a schema: the value as the schema gives it, or every problem with its line. */
export function validate<Schema extends z.ZodType>(schema: Schema, file: YamlFile): z.output<Schema> | Problem[] {
  const value = withWrittenText(schema, file.value, (path) => file.textAt(path));
  const result = schema.safeParse(value, { reportInput: true, error: inWords });
  return result.success ? result.data : result.error.issues.flatMap((issue) => problemsOf(issue, schema, file));
}

const IN_WORDS: Readonly<Record<string, string>> = {
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** What the schema library says of a wrong type, in the words of YAML. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' ? `must be ${IN_WORDS[issue.expected] ?? issue.expected}` : undefined;
}

function problemsOf(issue: Issue, schema: z.ZodType, file: YamlFile): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => file.keyProblem(issue.path, key, `unknown key "${key}"${suggestion(key, known)}`));
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    const why = issue.issues.map(({ message }) => message).join('; ');
    return [file.keyProblem(issue.path.slice(0, -1), key, `"${key}" ${why}`)];
  }
  if (issue.code === 'invalid_union') {
    const meant = meantOf(issue);
    if (meant) return meant.flatMap((one) => problemsOf({ ...one, path: [...issue.path, ...one.path] }, schema, file));
  }
  const name = issue.path.join('.');
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [file.problem(issue.path, `${name} is missing`)];
  }
  return [file.problem(issue.path, name ? `${name} ${issue.message}` : issue.message)];
}

/** What is wrong with a value that may be of several kinds, as the kind that it is: a map with a wrong key was meant to be the map. */
function meantOf({ errors }: z.core.$ZodIssueInvalidUnion): Issue[] | undefined {
  return errors.find((issues) => issues.length > 0 && !issues.some(isOfAnotherKind));
}

function isOfAnotherKind({ code, path }: Issue): boolean {
  return (code === 'invalid_type' || code === 'invalid_value') && path.length === 0;
}

/** The keys that the schema knows for the object at `path`: what a misspelt one is compared with. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here = schema as unknown as SchemaNode;
  for (const key of path) {
    here = unwrapped(here);
    const next = here._zod.def.shape?.[String(key)] ?? here._zod.def.valueType ?? here._zod.def.element;
    if (!next) return [];
    here = next;
  }
  const kinds = unwrapped(here)._zod.def.options ?? [here];
  return kinds.flatMap((kind) => Object.keys(unwrapped(kind)._zod.def.shape ?? {}));
}
