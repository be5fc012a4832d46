import { sendersIn } from '../dispatch/senders-in';
import type { Rule } from '../rule';

const LONGEST_TYPE = 100;
const MOST_KEYS = 10;

export const dispatchTooLarge: Rule = {
  id: 'dispatch-too-large',
  level: 'error',
  summary: 'a repository_dispatch that GitHub refuses: its type is too long, or its payload has too many keys',
  silent: 'GitHub answers 422. The sender fails, or does not look; the receiver never hears of it.',
  *check({ workflows }, all) {
    const repositories = all.map(({ repository }) => repository);
    for (const { place, types, payloadKeys } of workflows.flatMap((workflow) => sendersIn(workflow, repositories))) {
      const long = types?.find((type) => type.length > LONGEST_TYPE);
      if (long !== undefined) {
        const message = `the type has ${long.length} characters, and may have ${LONGEST_TYPE}`;
        yield { place, message, mend: 'Say in the payload what changes, and let the type say what it is.' };
      }
      if (payloadKeys !== undefined && payloadKeys > MOST_KEYS) {
        const message = `the payload has ${payloadKeys} keys at the top, and may have ${MOST_KEYS}`;
        yield { place, message, mend: 'Put them into one object under one key.' };
      }
    }
  },
};
