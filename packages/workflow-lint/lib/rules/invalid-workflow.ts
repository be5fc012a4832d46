import type { Rule } from '../rule';

export const invalidWorkflow: Rule = {
  id: 'invalid-workflow',
  level: 'error',
  summary: 'GitHub refuses the file',
  silent:
    'The file starts nothing. GitHub shows a failed run for it where it is pushed, and none where workflows wait for it.',
  *check({ repository: { workflows } }) {
    for (const { place, message } of workflows.flatMap(({ problems }) => problems)) {
      yield { place, message, mend: 'Mend the file. Nothing else in it is looked at until then.' };
    }
  },
};
