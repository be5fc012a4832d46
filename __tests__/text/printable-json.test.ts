import fc from 'fast-check';
import { printableJson } from '../../lib/text/harmless';

test('JSON for a terminal has the same value, and nothing that a terminal would act on', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\x1b[2J', '\x9b31m', '\u202e', '\u2028', '\x7f', '##[', '\\'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  });
  fc.assert(
    fc.property(text, fc.constantFrom(undefined, 2), (hostile, indent) => {
      const json = printableJson({ message: hostile, list: [hostile] }, indent);
      expect(JSON.parse(json)).toEqual({ message: hostile, list: [hostile] });
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[/u);
    }),
  );
});
