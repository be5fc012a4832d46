import { nearNames } from '../near-names';
import type { Rule } from '../rule';
import { accessesIn } from '../simulation/accesses';
import type { Part } from '../workflow/part';
import { segments } from '../workflow/template';
import type { Job } from '../workflow/workflow';

export const unknownMatrixKey: Rule = {
  id: 'unknown-matrix-key',
  level: 'error',
  summary: 'a concurrency group is named by a key that the matrix does not have',
  silent:
    'A key that is not there is an empty text: the group is the same for all, and each job that comes throws out the one that waits.',
  *check({ workflows }) {
    for (const job of workflows.flatMap(({ jobs }) => jobs)) {
      const group = job.concurrency?.group;
      const unknown = segments(group?.text ?? '')
        .flatMap((segment) => ('expression' in segment ? accessesIn(segment.expression) : []))
        .map(({ path }) => path)
        .find((path) => path[0] === 'matrix' && path.length > 1 && !mayHave(job, path.slice(1)));
      if (!group || !unknown) continue;
      const names = keysOf(job);
      const key = unknown.slice(1).join('.');
      yield {
        place: group.place,
        message: job.matrix
          ? `the matrix of "${job.id}" has no "${key}", so that all of its jobs share the group "${group.text}"`
          : `"${job.id}" has no matrix, so that ${unknown.join('.')} is empty`,
        mend: job.matrix
          ? `Name a key that there is${nearNames(key, names)}`
          : 'Give the job its "strategy: matrix:". Of a job that calls this workflow, pass what tells its runs apart as an input.',
      };
    }
  },
};

/** Where a part of a matrix is computed, it may have any key. */
function mayHave({ matrix }: Job, path: readonly string[]): boolean {
  if (!matrix) return false;
  const include = matrix.get('include');
  if (isComputed(matrix) || (include && (isComputed(include) || include.items.some(isComputed)))) return true;
  const [name = '', ...rest] = path;
  const lists = matrix.entries.filter(({ key }) => key.text !== 'include' && key.text !== 'exclude');
  const values = [...lists, ...(include?.items ?? []).flatMap((item) => item.entries)]
    .filter(({ key }) => key.text?.toLowerCase() === name)
    .map(({ value }) => value);
  return values.length > 0 && (rest.length === 0 || values.some((value) => has(value, rest)));
}

/** Has any of the values a key, or can it have? */
function has(value: Part, [name = '', ...rest]: readonly string[]): boolean {
  if (isComputed(value)) return true;
  const items = value.entries.length > 0 ? [value] : value.items;
  return items.some((item) => {
    if (isComputed(item)) return true;
    const inner = item.entries.find(({ key }) => key.text?.toLowerCase() === name)?.value;
    return inner !== undefined && (rest.length === 0 || has(inner, rest));
  });
}

function isComputed(part: Part): boolean {
  return part.text?.includes('${{') ?? part.entries.some(({ key }) => key.text?.includes('${{'));
}

/** Its keys, down to the last one where values are objects: `target.name`. */
function keysOf({ matrix }: Job): readonly string[] {
  const lists = (matrix?.entries ?? []).filter(({ key }) => key.text !== 'include' && key.text !== 'exclude');
  const entries = [...lists, ...(matrix?.get('include')?.items ?? []).flatMap((item) => item.entries)];
  return entries.flatMap(({ key, value }) => namesIn(key.text ?? '', value));
}

function namesIn(name: string, value: Part): readonly string[] {
  const inner = [value, ...value.items].flatMap(({ entries }) => entries);
  return inner.length === 0 ? [name] : inner.flatMap((each) => namesIn(`${name}.${each.key.text}`, each.value));
}
