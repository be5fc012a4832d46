import { locksAround } from '../locks';
import type { Rule } from '../rule';
import type { Concurrency } from '../workflow/workflow';

export const deadlock: Rule = {
  id: 'deadlock',
  level: 'error',
  summary: 'a job, or a workflow that is called, waits for a group that its own run holds',
  silent:
    'It is fine in every file alone: github.workflow is the name of the workflow that calls, in the one that is called, too.',
  *check(analysis) {
    const seen = new Set<Concurrency>();
    for (const workflow of analysis.workflows) {
      for (const run of analysis.runsOf(workflow)) {
        for (const job of run.jobs.filter(({ chance }) => chance !== 'no')) {
          const around = locksAround(run, job);
          for (const [index, inner] of around.entries()) {
            const outer = around.slice(0, index).find(({ group }) => group !== undefined && group === inner.group);
            if (!outer || seen.has(inner.concurrency)) continue;
            seen.add(inner.concurrency);
            const { file, line } = outer.concurrency.place;
            yield {
              place: inner.concurrency.place,
              message: `waits for the group "${inner.group}", which the run of "${workflow.name}" holds already (${file}:${line})`,
              mend: 'Keep one of the two, or give them different names.',
            };
          }
        }
      }
    }
  },
};
