import fc from 'fast-check';
import { explain } from '../../lib/text/explained-error';
import { plainText, printableJson, visible, visibleLines } from '../../lib/text/harmless';

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b[2J', '\x9b31m', '\u202e', '\u2028', '\u00a0', '\x7f', '##[', '::', ':', '#', '[', ' ', '\n'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
});

/** What a terminal would act on, or hide; and what GitHub's runner takes for a command, wherever the line is broken. */
const HARM = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|##\[|(?<!\S)::/u;

test.each([
  ['as a line of plain text', (text: string) => plainText(text)],
  ['as a value', (text: string) => visible(text)],
  ['as lines', (text: string) => visibleLines(text).replaceAll('\n', ' ')],
  ['as the message of an error', (text: string) => explain(new Error(text)).replaceAll('\n', ' ')],
])('whatever others say does nothing, %s', (_, shown) => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(shown(text)).not.toMatch(HARM);
    }),
    { examples: [[':::error::x'], ['a ::::error::x'], ['\u00a0::error::x'], ['###[error]x']] },
  );
});

test('no JSON does anything either', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(printableJson({ text }, 2).replaceAll('\n', ' ')).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|##\[/u,
      );
    }),
  );
});

test('two values that differ in what nobody sees do not look alike', () => {
  expect(visible('acme\u200b')).toBe('acme\\u{200b}');
  expect(visible('acme\u200b')).not.toBe(visible('acme'));
});

test('an error of several lines keeps them, and its indentation', () => {
  expect(visibleLines('2 problems:\n  one\n\ttwo\x1b[31m')).toBe('2 problems:\n  one\n    two\\u{1b}[31m');
});
