import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { parse } from 'yaml';

export const ROOT = resolve(__dirname, '../..');

/** Of this repository, of the example with two environments, and of the example of an application repository. */
export const WORKFLOWS: readonly string[] = [
  '.github/workflows',
  'examples/environments/.github/workflows',
  'examples/app-repo/.github/workflows',
].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .sort()
    .map((name) => `${folder}/${name}`),
);

/** What starts deploys: of one environment, and of two. */
export const ORCHESTRATORS: readonly string[] = [
  '.github/workflows/deploy-tenants.yml',
  'examples/environments/.github/workflows/deploy-tenants.yml',
];

/** Actions that others use. */
export const ACTIONS: readonly string[] = ['.github/actions/lint/action.yml'];

export interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly 'continue-on-error'?: boolean;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly needs?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly include: readonly Readonly<Record<string, string>>[] } };
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, { readonly workflows?: readonly string[] } | null>>;
  readonly 'run-name'?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(file: string): Workflow {
  return parse(readFileSync(join(ROOT, file), 'utf8')) as Workflow;
}

export type Contexts = Readonly<Record<string, unknown>>;

/** The status of the job that a condition is evaluated in. */
export type JobStatus = 'success' | 'failure' | 'cancelled';

/** The value of an expression, by GitHub's own evaluator. */
export function evaluate(expression: string, contexts: Contexts, status: JobStatus = 'success'): unknown {
  const functions = Object.entries({
    always: true,
    success: status === 'success',
    failure: status === 'failure',
    cancelled: status === 'cancelled',
  }).map(
    ([name, value]): FunctionDefinition => ({ name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) }),
  );
  functions.push({ name: 'hashFiles', minArgs: 1, maxArgs: 255, call: () => new data.StringData('hash') });
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
  const known = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const result = new Evaluator(tree, known, new Map(functions.map((one) => [one.name.toLowerCase(), one]))).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer));
}

/** A condition, as GitHub takes it: without a function of the status, success() stands before it. */
export function holds(condition: string | undefined, contexts: Contexts, status: JobStatus = 'success'): boolean {
  const bare = (condition ?? 'success()').trim().replace(/^\$\{\{([\s\S]*)\}\}$/, '$1');
  const whole = /\b(always|success|failure|cancelled)\(/.test(bare) ? bare : `success() && (${bare})`;
  return Boolean(evaluate(whole, contexts, status));
}

/** A text with its expressions filled in. */
export function filledIn(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => String(evaluate(expression, contexts) ?? ''));
}
