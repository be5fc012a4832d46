import { schemaText } from './packages';

/** A field of an event, as GitHub's documentation describes it. */
interface Field {
  readonly name: string;
  readonly childParamsGroups?: readonly Field[];
}

type Payloads = Readonly<
  Record<string, Readonly<Record<string, { readonly bodyParameters: readonly (Field | number)[] }>>>
>;

const FOLDER = '@actions/languageservice/dist/context-providers/events';
const named = (...names: readonly string[]): readonly Field[] => names.map((name) => ({ name }));
const COMMON = named('action', 'enterprise', 'installation', 'organization', 'repository', 'sender', 'workflow');
/** Events that no webhook is, or that GitHub's package does not know. */
const OTHERS: Readonly<Record<string, readonly Field[]>> = {
  schedule: [...COMMON, { name: 'schedule' }],
  merge_group: [...COMMON, { name: 'merge_group' }, { name: 'reason' }],
};
/** What people put into an event themselves. */
const ANYTHING = new Set(['inputs', 'client_payload']);

let read: ReadonlyMap<string, readonly Field[]> | undefined;

/** The fields of each event, of all its kinds together. Read once, from the package of GitHub's editor. */
function events(): ReadonlyMap<string, readonly Field[]> {
  read ??= readEvents();
  return read;
}

function readEvents(): ReadonlyMap<string, readonly Field[]> {
  const payloads: Payloads = JSON.parse(schemaText(`${FOLDER}/webhooks.min.json`));
  const objects: readonly Field[] = JSON.parse(schemaText(`${FOLDER}/objects.min.json`));
  const fields = Object.entries(payloads).map(([event, kinds]) => {
    const all = Object.values(kinds).flatMap(({ bodyParameters }) => bodyParameters);
    return [event, all.flatMap((each) => (typeof each === 'number' ? (objects[each] ?? []) : each))] as const;
  });
  return new Map([...fields, ...Object.entries(OTHERS)]);
}

function fieldsOf(event: string): readonly Field[] | undefined {
  return events().get(event === 'pull_request_target' ? 'pull_request' : event);
}

/** Are the fields of an event known? */
export function isKnown(event: string): boolean {
  return fieldsOf(event) !== undefined;
}

/** Has an event a field, by the names that lead to it? Where nobody says what is in a field, anything may be. */
export function mayHaveField(event: string, path: readonly string[]): boolean {
  let fields = fieldsOf(event);
  for (const [depth, name] of path.entries()) {
    // Further down, documentation is not complete.
    if (!fields || fields.length === 0 || (depth > 1 && fields.length < FEWEST)) return true;
    const found: readonly Field[] = fields.filter((field) => field.name === name);
    if (found.length === 0) return false;
    if (ANYTHING.has(name)) return true;
    fields = found.flatMap(({ childParamsGroups }) => childParamsGroups ?? []);
  }
  return true;
}
const FEWEST = 3;

/** The events that have a field. */
export function eventsWith(path: readonly string[]): readonly string[] {
  return [...events().keys()].filter((event) => mayHaveField(event, path));
}

/** The names beside a field that there is not. */
export function siblingsOf(event: string, path: readonly string[]): readonly string[] {
  const within = path
    .slice(0, -1)
    .reduce<readonly Field[]>(
      (fields, name) =>
        fields.filter((field) => field.name === name).flatMap(({ childParamsGroups }) => childParamsGroups ?? []),
      fieldsOf(event) ?? [],
    );
  return [...new Set(within.map(({ name }) => name))];
}

/** Where an event has a field of that name instead, in what the event is about. */
export function foundIn(event: string, name: string): string | undefined {
  const about = event === 'pull_request_target' ? 'pull_request' : event;
  const owner = (fieldsOf(event) ?? []).find((field) => field.name === about);
  return owner?.childParamsGroups?.some((field) => field.name === name) ? `${about}.${name}` : undefined;
}
