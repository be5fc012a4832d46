import { schedule, timeZone } from '../tenant/schedule';

const RANGE = /(\d+)-(\d+)/g;

/** One problem is told of a value: what is not of the form is not looked at further. */
const ofTheForm = ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0;

/** The last minute, hour, day, month and weekday: a step beyond is none, and means the first alone. */
const LAST = [59, 23, 31, 12, 6];
/** The days that a month has at most. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is too much for a rule of the API server: there, whoever makes the Job says it, or nobody does. */
export const writtenSchedule = schedule
  .refine((written) => [...written.matchAll(RANGE)].every(([, first, last]) => Number(first) <= Number(last)), {
    error: 'must name the beginning of a range before its end: 1-5, not 5-1',
    when: ofTheForm,
  })
  .refine(
    (written) =>
      written.split(' ').every((field, index) => stepsOf(field).every((step) => step <= (LAST[index] as number))),
    {
      error:
        'has a step that is longer than what it divides: "*/90" of the minutes is every hour, not every 90 minutes',
      when: ofTheForm,
    },
  )
  .refine(comes, { error: 'never comes: no month that it names has such a day', when: ofTheForm });

function stepsOf(field: string): number[] {
  return field.split(',').flatMap((part) => (part.includes('/') ? [Number(part.split('/')[1])] : []));
}

/** Where it names weekdays too, it comes on these besides. */
function comes(written: string): boolean {
  const [, , days = '', months = '', weekdays = ''] = written.split(' ');
  const first = Math.min(...days.split(',').map((part) => Number(/^\d+/.exec(part)?.[0] ?? 1)));
  const named = (month: number) => months.split(',').some((part) => includes(part, month));
  return weekdays !== '*' || DAYS.some((last, index) => named(index + 1) && first <= last);
}

/** Whether a part such as `*`, `3`, `3-5`, `3-9/2` or `3/2` has a number. */
function includes(part: string, number: number): boolean {
  const [range = '', step] = part.split('/');
  const [first, last] = range === '*' ? [1, 12] : range.split('-').map(Number);
  const end = last ?? (step === undefined ? (first as number) : 12);
  return number >= (first as number) && number <= end && (number - (first as number)) % Number(step ?? 1) === 0;
}

/** As it is written, for so the cluster looks it up. Intl takes names in any case, and knows some under another one. */
function isKnown(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

export const writtenTimeZone = timeZone.refine(isKnown, {
  error: 'is no time zone: write it as the IANA database does, such as Europe/Berlin or Etc/UTC',
  when: ofTheForm,
});
