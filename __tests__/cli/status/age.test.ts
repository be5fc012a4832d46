import { age, ages, ago } from '../../../cli/status/age';

const NOW = new Date('2026-11-22T08:00:00Z');

test.each([
  ['2026-11-22T07:59:01Z', 'now', 'just now'],
  ['2026-11-22T07:56:00.000Z', '4 min', '4 min ago'],
  ['2026-11-22T07:00:01Z', '59 min', '59 min ago'],
  ['2026-11-22T07:00:00Z', '1 h', '1 h ago'],
  ['2026-11-20T08:00:01Z', '47 h', '47 h ago'],
  ['2026-11-20T08:00:00Z', '2 d', '2 d ago'],
  ['2025-11-22T08:00:00Z', '365 d', '365 d ago'],
])('what was at %s is of the age %s', (at, expected, sentence) => {
  expect(age(at, NOW)).toBe(expected);
  expect(ago(at, NOW)).toBe(sentence);
});

test('what a clock that is ahead of ours calls tomorrow is now, and never in the future', () => {
  expect(ago('2026-11-23T08:00:00Z', NOW)).toBe('just now');
});

test('what is no time has no age', () => {
  expect(ago('yesterday', NOW)).toBe('at an unknown time');
});

test('the ages of several are one where they are the same, and else the youngest and the oldest', () => {
  expect(ages([], NOW)).toBe('');
  expect(ages(['2026-11-22T07:56:00Z', '2026-11-22T07:56:20Z'], NOW)).toBe('3-4 min');
  expect(ages(['2026-11-22T07:56:10Z', '2026-11-22T07:56:20Z'], NOW)).toBe('3 min');
  expect(ages(['2026-11-22T07:00:00Z', '2026-11-22T08:00:00Z'], NOW)).toBe('now-1 h');
  expect(ages(['2026-11-22T05:00:00Z', '2026-11-22T07:56:00Z', '2026-11-22T07:00:00Z'], NOW)).toBe('4 min-3 h');
});
