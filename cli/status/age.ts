const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago something was, in one number: `now`, `4 min`, `3 h`, `12 d`. Never negative: a clock that is ahead of ours is no reason to
 * say that something will happen.
 *
 * @param at - ISO 8601.
 */
export function age(at: string, now: Date): string {
  const passed = Math.max(0, now.getTime() - Date.parse(at));
  if (Number.isNaN(passed)) return 'unknown';
  if (passed < MINUTE) return 'now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)} h`;
  return `${Math.floor(passed / DAY)} d`;
}

/** `pushed just now`, `pushed 4 min ago`. */
export function ago(at: string, now: Date): string {
  const passed = age(at, now);
  return passed === 'now' ? 'just now' : passed === 'unknown' ? 'at an unknown time' : `${passed} ago`;
}

/** From the youngest to the oldest: `4 min`, `4-6 min`, or `4 min-3 h`. */
export function ages(times: readonly string[], now: Date): string {
  const sorted = [...times].sort();
  const [oldest = '', youngest = ''] = [sorted[0], sorted.at(-1)];
  if (oldest === '') return '';
  const [least, most] = [age(youngest, now), age(oldest, now)];
  if (least === most) return least;
  const [number, unit] = least.split(' ');
  return `${most.endsWith(` ${unit}`) ? number : least}-${most}`;
}
