import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { type Document, parseDocument, Scalar, visit } from 'yaml';
import type { Place } from '../finding';
import { github } from '../github/packages';
import { lenienciesBelow } from './ignored-below-on';
import { Part } from './part';
import { Source } from './source';
import { condition } from './template';
import { Trigger } from './trigger';
import type { CompositeAction, Concurrency, Condition, Job, Step, Workflow } from './workflow';

/** Far above what a person writes, and below what would keep a parser busy. */
const LONGEST = 1024 * 1024;
/** The same, of the jobs of a file, and of the steps of a job. */
const MOST_ITEMS = 500;
/** How often the parts that anchors name may be repeated: a few lines of YAML can stand for billions. */
const MOST_ALIASES = 1000;

/**
 * What the package refuses and GitHub takes: numbers where its converters want texts, and `on: repository_dispatch`, for
 * which its schema has the word of another event.
 */
const STRICTER_THAN_GITHUB = /^Unexpected (type '|value 'repository_dispatch'$)/;

/**
 * What may stand in a file: as an editor would have it, and as a run takes it. They differ below `on:`, where a run takes
 * nearly everything: `on-mapping` of the package's schema has any value for any event.
 */
type Root = 'workflow-root-strict' | 'workflow-root' | 'any';

/** The composite actions of a repository by their folders. */
type Actions = ReadonlyMap<string, CompositeAction>;

/** Reads the text of a workflow file, whatever it is. What GitHub would refuse it for is among its `problems`. */
export function readWorkflow(file: string, path: string, text: string, actions: Actions): Workflow {
  try {
    if (text.replace(/^\s*#.*$/gm, '').trim() === '') return unreadable(file, path, '', 'the file is empty');
    if (text.length > LONGEST) return unreadable(file, path, '', `it has ${text.length} characters: too many to read`);
    return parsed(new Source(file, text), path, actions);
  } catch (error) {
    return unreadable(file, path, text, `it can't be read: ${(error as Error).message}`);
  }
}

/** A file of which nothing is known but, perhaps, its name. */
export function unreadable(file: string, path: string, text: string, message: string): Workflow {
  // Others may name it; that it does not exist would be the wrong thing to say.
  const name = /^name:\s*(["']?)(.+?)\1\s*(?:#.*)?$/m.exec(text)?.[2] ?? path;
  const place = { file, line: 1, column: 1 };
  return {
    ...{ source: new Source(file, ''), path, name, namePlace: place, root: undefined, triggers: new Map(), jobs: [] },
    ...{ concurrency: undefined, env: undefined, permissions: undefined, problems: [{ place, message }], ignored: [] },
  };
}

function parsed(source: Source, path: string, actions: Actions): Workflow {
  const { file, text } = source;
  const strict = parse(source, 'workflow-root-strict');
  const taken = strict.problems.length > 0 ? parse(source, 'workflow-root') : strict;
  const root = taken.token && new Part(taken.token, source);
  const on = root?.get('on');
  const lenient = on ? lenienciesBelow(on, strict.problems) : [];
  const problems = strict.problems.filter((problem) => !lenient.some((each) => each.problem === problem));
  if (root === undefined || problems.length > 0 || taken.problems.length > 0) {
    return { ...unreadable(file, path, text, ''), source, problems: problems.length > 0 ? problems : taken.problems };
  }
  const jobs = (root.get('jobs')?.entries ?? []).map(({ key, value }) => jobOf(key, value, actions));
  if ([jobs, ...jobs.map(({ steps }) => steps.flatMap(withInner))].some(({ length }) => length > MOST_ITEMS)) {
    return unreadable(file, path, text, `it has more than ${MOST_ITEMS} jobs, or steps in a job: too many to read`);
  }
  const name = root.get('name');
  return {
    source,
    path,
    name: name?.text || path,
    namePlace: name?.place ?? { file, line: 1, column: 1 },
    root,
    triggers: new Map((on ? triggersOf(on) : []).map((trigger) => [trigger.event, trigger])),
    concurrency: concurrencyOf(root),
    env: root.get('env'),
    permissions: root.get('permissions'),
    jobs,
    problems,
    ignored: lenient.flatMap(({ ignored }) => ignored),
  };
}

/** Reads a file with GitHub's parser, as the package's own entry does. */
function parse(
  source: Source,
  root: Root,
): {
  token: TemplateToken | undefined;
  problems: Workflow['problems'];
} {
  const { file, text } = source;
  const beginning: Place = { file, line: 1, column: 1 };
  const repeated = repetitions(text);
  if (repeated !== undefined) return { token: undefined, problems: [{ place: beginning, message: repeated }] };
  const packages = github();
  const context = new packages.TemplateContext(
    new packages.TemplateValidationErrors(),
    packages.schema,
    new packages.NoOperationTraceWriter(),
  );
  // What is new at GitHub is not for a linter of mistakes to refuse.
  context.state.featureFlags = new packages.FeatureFlags({ all: true });
  const id = context.getFileId(file);
  const reader = new packages.YamlObjectReader(id, text);
  fillKeysWithoutValue(reader);
  let token: TemplateToken | undefined;
  if (reader.errors.length > 0) for (const { message, range } of reader.errors) context.error(id, message, range);
  else token = packages.readTemplate(context, root, reader, id);
  if (token && packages.isMapping(token) && context.errors.count === 0) {
    for (const { key, value } of token) {
      // These say more than the schema knows: needs that go in circles, conditions that are no expressions.
      const convert = { on: packages.convertOn, jobs: packages.convertJobs, concurrency: packages.convertConcurrency };
      const converter = convert[key.toString() as keyof typeof convert];
      if (converter)
        packages.handleTemplateTokenErrors(value, context, undefined, () => void converter(context, value));
    }
  }
  const errors = context.errors.getErrors().filter(({ rawMessage }) => !STRICTER_THAN_GITHUB.test(rawMessage));
  const problems = errors.map(({ rawMessage, range }) => ({
    place: { file, ...(range?.start ?? { line: 1, column: 1 }) },
    message: rawMessage.split('\n')[0] ?? rawMessage,
  }));
  return { token, problems };
}

/** What stands in a YAML file, whatever it is for. */
export function readAnything(file: string, text: string): Part | undefined {
  if (text.length > LONGEST) return undefined;
  const source = new Source(file, text);
  const { token } = parse(source, 'any');
  return token && new Part(token, source);
}

/** A key that has no colon, as in `? push` and `{ push }`, has no value: the package takes the next key for it. */
function fillKeysWithoutValue(reader: object): void {
  visit((reader as { readonly doc: Document }).doc, {
    Pair: (_, pair) => {
      pair.value ??= new Scalar(null);
    },
  });
}

/** Says what is wrong with the aliases of a file, if anything is. */
function repetitions(text: string): string | undefined {
  if (!/[*&]/.test(text)) return undefined;
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  try {
    document.toJS({ maxAliasCount: MOST_ALIASES });
    return undefined;
  } catch (error) {
    return `its anchors can't be followed: ${(error as Error).message}`;
  }
}

function triggersOf(on: Part): readonly Trigger[] {
  if (on.entries.length > 0) return on.entries.map(({ key, value }) => new Trigger(key.text ?? '', key.place, value));
  return on.items.map((event) => new Trigger(event.text ?? '', event.place, undefined));
}

function concurrencyOf(owner: Part): Concurrency | undefined {
  const part = owner.get('concurrency');
  const group = part?.get('group') ?? (part?.text !== undefined ? part : undefined);
  if (!part || !group) return undefined;
  const queue = part.get('queue');
  return {
    place: owner.keyOf('concurrency')?.place ?? part.place,
    group,
    cancelInProgress: part.get('cancel-in-progress'),
    queueMax: queue?.text === 'max' ? queue : undefined,
  };
}

/** A job, or what has steps as a job has them. */
export function jobOf(key: Part, part: Part, actions: Actions): Job {
  const id = key.text ?? '';
  return {
    id,
    place: key.place,
    part,
    name: part.get('name')?.text || id,
    if: conditionOf(part),
    needs: part.get('needs')?.texts ?? [],
    env: part.get('env'),
    environment: part.get('environment'),
    permissions: part.get('permissions'),
    concurrency: concurrencyOf(part),
    matrix: part.get('strategy')?.get('matrix'),
    steps: (part.get('steps')?.items ?? []).flatMap((each) => stepsOf(each, actions)),
    uses: part.get('uses'),
  };
}

/** A step, or those that run side by side in it. */
function stepsOf(part: Part, actions: Actions): readonly Step[] {
  const parallel = part.get('parallel');
  if (parallel) return parallel.items.flatMap((each) => stepsOf(each, actions));
  const uses = part.get('uses');
  return [
    {
      part,
      id: part.get('id')?.text,
      if: conditionOf(part),
      run: part.get('run'),
      uses,
      action: actions.get(/^\.\/(.+?)\/?$/.exec(uses?.text ?? '')?.[1] ?? ''),
      with: part.get('with'),
      env: part.get('env'),
    },
  ];
}

/** A step, and those of the action that it uses. */
export function withInner(step: Step): readonly Step[] {
  return [step, ...(step.action?.runs.steps ?? [])];
}

function conditionOf(owner: Part): Condition | undefined {
  const part = owner.get('if');
  const text = part?.text;
  if (!part || !text?.trim()) return undefined;
  const { DefinitionInfo, ensureStatusFunction, schema } = github();
  const own = part.token.definitionInfo;
  // The file of an action is read as anything, where no text is a condition.
  const asCondition = own && own.allowedContext.length > 0 ? own : new DefinitionInfo(schema, 'step-if');
  return { part, expression: ensureStatusFunction(condition(text), asCondition) };
}
