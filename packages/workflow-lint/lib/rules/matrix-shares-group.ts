import type { Rule } from '../rule';
import type { Job } from '../workflow/workflow';

export const matrixSharesGroup: Rule = {
  id: 'matrix-shares-group',
  level: 'error',
  summary: 'the jobs of a matrix share a group, in which only two of them survive',
  silent:
    'One runs and one waits; each further job cancels the one that waits, or with cancel-in-progress ends the one that runs. That looks as if somebody had cancelled it.',
  *check({ workflows }) {
    for (const job of workflows.flatMap(({ jobs }) => jobs)) {
      const { concurrency, matrix } = job;
      if (!concurrency || !matrix || concurrency.queueMax || /matrix|strategy\./.test(concurrency.group.text ?? ''))
        continue;
      if (job.part.get('strategy')?.get('max-parallel')?.text === '1') continue;
      const size = sizeOf(job);
      const cancels = concurrency.cancelInProgress?.text === 'true';
      if (size <= (cancels ? 1 : 2)) continue;
      yield {
        place: concurrency.place,
        message: `${size === Infinity ? 'all' : size} jobs of the matrix of "${job.id}" share the group "${concurrency.group.text}"${cancels ? ', and each ends the one before it' : ''}`,
        mend: `Put what tells the jobs apart into the name, such as \${{ matrix.environment }}, or say queue: max${cancels ? ' in the place of cancel-in-progress' : ''}.`,
      };
    }
  },
};

/** How many jobs a matrix makes; infinity where that is computed. */
function sizeOf({ matrix }: Job): number {
  const entries = matrix?.entries ?? [];
  if (entries.length === 0 || entries.some(({ value }) => value.text?.includes('${{'))) return Infinity;
  const lists = entries.filter(({ key }) => key.text !== 'include' && key.text !== 'exclude');
  const product = lists.reduce((size, { value }) => size * Math.max(value.items.length, 1), lists.length > 0 ? 1 : 0);
  return Math.max(product, lists.length > 0 ? 0 : (matrix?.get('include')?.items.length ?? 0));
}
