import type { Rule } from '../rule';

export const queueWithCancel: Rule = {
  id: 'queue-with-cancel',
  level: 'error',
  summary: 'queue: max together with cancel-in-progress: true',
  silent: 'Every parser takes the two together; a group that cancels what runs has no queue.',
  *check({ workflows }) {
    for (const { concurrency, jobs } of workflows) {
      for (const each of [concurrency, ...jobs.map((job) => job.concurrency)]) {
        if (!each?.queueMax || each.cancelInProgress?.text !== 'true') continue;
        const message = 'queue: max keeps runs waiting, and cancel-in-progress: true lets none wait';
        yield { place: each.queueMax.place, message, mend: 'Take one of the two away.' };
      }
    }
  },
};
