import { schedule, timeZone } from '../tenant/schedule';

const RANGE = /(\d+)-(\d+)/g;

/** One problem is told of a value: what is not of the form is not looked at further. */
const ofTheForm = ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0;

/** What is too much for a rule of the API server: there, whoever makes the Job says it. */
export const writtenSchedule = schedule.refine(
  (written) => [...written.matchAll(RANGE)].every(([, first, last]) => Number(first) <= Number(last)),
  { error: 'must name the beginning of a range before its end: 1-5, not 5-1', when: ofTheForm },
);

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
