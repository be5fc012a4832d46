import { refusing } from './api-rules';
import { text } from './names';

const parts = (value: string) => {
  const part = String.raw`(\*|${value}(-${value})?)(/[1-9][0-9]?)?`;
  return `${part}(,${part})*`;
};
const MINUTE = '[1-5]?[0-9]';
const HOUR = '(1?[0-9]|2[0-3])';
const DAY = '([1-9]|[12][0-9]|3[01])';
const MONTH = '([1-9]|1[0-2])';
const WEEKDAY = '[0-6]';

/**
 * When a Job runs, as cron has it: minute, hour, day of the month, month, day of the week. Numbers alone, of which Kubernetes takes all:
 * https://github.com/robfig/cron/blob/v3.0.1/parser.go
 */
export const schedule = text('a schedule, such as "0 3 * * *"')
  .regex(
    new RegExp(`^${[MINUTE, HOUR, DAY, MONTH, WEEKDAY].map(parts).join(' ')}$`),
    'must be minute, hour, day of the month, month and day of the week (0 is Sunday), in numbers: "0 3 * * *" is every night at three',
  )
  .max(100, 'must have at most 100 characters');

/** As the IANA database names it. Which there are, the operator's cluster knows; the files are held against those that Node.js knows. */
export const timeZone = refusing(
  text('a time zone, such as Europe/Berlin')
    .regex(
      /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/,
      'must be the name of a time zone, such as Europe/Berlin or Etc/UTC',
    )
    .max(64, 'must have at most 64 characters'),
  /^Local$/,
  'is no time zone: which one is local would depend on the node',
);
