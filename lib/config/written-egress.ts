import { z } from 'zod';
import { liesIn } from '../tenant/address-range';
import { destination, INTERNET, MOST_OF_EGRESS, NONE, rangeOf } from '../tenant/egress';
import { wholeRange } from './whole-range';

/** No limit, as a person says it. */
const ANYWHERE = 'anywhere';

/** IPv4 as IPv6 has it: plugins differ in what they take it for. */
const MAPPED = '::ffff:0:0/96';

/** What pods may connect to, as a person writes it. */
export const writtenEgress = z
  .array(wholeRange(destination))
  .min(1, `says nothing: write [${ANYWHERE}] for no limit, or [${NONE}] for nothing but what is always reached`)
  .max(MOST_OF_EGRESS, `must have at most ${MOST_OF_EGRESS} entries`)
  .superRefine((entries, context) => {
    const problem = (index: number, message: string) => context.addIssue({ code: 'custom', path: [index], message });
    const reached = entries.filter((one) => !isLeftOut(one));
    entries.forEach((one, index) => {
      if (entries.indexOf(one) < index) problem(index, 'is there twice');
      if ((one === ANYWHERE || one === NONE) && entries.length > 1)
        problem(index, `"${one}" stands alone: leave out the others, or this`);
      const range = rangeOf(one);
      // What mixes both notations is refused by its pattern.
      if (range === undefined || (range.includes('.') && range.includes(':'))) return;
      if (!isLeftOut(one) && liesIn(range, MAPPED))
        problem(index, 'is IPv4 that is written as IPv6: write the IPv4 range');
      if (isLeftOut(one) && !reached.some((other) => isIn(range, other)))
        problem(index, `leaves out ${range}, which lies in nothing that is reached here`);
      const without = entries.find((other) => isLeftOut(other) && liesIn(range, rangeOf(other) as string));
      if (!isLeftOut(one) && without !== undefined) problem(index, `is left out as a whole by "${without}"`);
    });
  });

function isLeftOut(entry: string): boolean {
  return entry.startsWith('not ');
}

function isIn(range: string, reached: string): boolean {
  const other = rangeOf(reached);
  return other === undefined ? reached === INTERNET : liesIn(range, other) && range !== other;
}

/** As a Tenant has it: no entries are no limit. */
export function egressOf(written: z.output<typeof writtenEgress> = [ANYWHERE]): readonly string[] {
  return written.includes(ANYWHERE) ? [] : written;
}
