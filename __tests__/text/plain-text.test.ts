import { plainText } from '../../lib/text/harmless';

describe('what others say, as plain text', () => {
  test('is one line without what a terminal would act on', () => {
    expect(plainText('a\x1b[31mred\x1b[0m\x1b]0;title\x07\nb\r\n\tc\u0085d\u2028e\x00')).toBe('ared b c d e');
  });

  test('turns no text around and hides none', () => {
    expect(plainText('user\u202e\u2066gnp.exe\u2069\u200b\ufeff')).toBe('user gnp.exe');
  });

  test.each(['##[error]x', 'so ##[add-matcher]x', '####[error]x', '::error::x', '\n ::add-mask::x', 'so ::error::x'])(
    'is no command to the log of a GitHub workflow, wherever its line is broken: %p',
    (text) => {
      expect(plainText(text)).not.toMatch(/##\[|(^| )::/);
    },
  );

  test('leaves colons alone that begin no command', () => {
    expect(plainText('std::string at [::1]:80 x:')).toBe('std::string at [::1]:80 x:');
  });

  test('is cut where it is long, between two characters', () => {
    expect(plainText('x'.repeat(300))).toHaveLength(300);
    expect(plainText('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
    expect(plainText('😀😀😀', 2)).toBe('😀…');
  });

  test('is told of a megabyte as of anything else: no pattern goes back over it', () => {
    for (const part of ['\x1b[', '##[', '\n', '\u202e'])
      expect(plainText(part.repeat(400_000)).length).toBeLessThan(400);
  });
});
