import fc from 'fast-check';
import { parse } from 'yaml';
import { withFrozen } from '../../lib/config/frozen-key';

const PLATFORM = `# yaml-language-server: $schema=lib/config/platform.schema.json
name:   acme          # spaces as somebody likes them
registry:
  account: "123456789012"

services:
  web-client: { github: acme/web-client,   port: 3000 }
rings: [canary, general]

# The end.
`;

describe('freezing in the platform file', () => {
  test('adds one line, and changes no other byte', () => {
    expect(withFrozen(PLATFORM, 'frozen.lock.json')).toBe(`${PLATFORM}frozen: frozen.lock.json\n`);
  });

  test('is undone to the last byte', () => {
    expect(withFrozen(withFrozen(PLATFORM, 'frozen.lock.json'), undefined)).toBe(PLATFORM);
  });

  test('changes nothing where it is so already', () => {
    const frozen = withFrozen(PLATFORM, 'a.json');
    expect(withFrozen(frozen, 'a.json')).toBe(frozen);
    expect(withFrozen(PLATFORM, undefined)).toBe(PLATFORM);
  });

  test.each([
    ['with a comment', 'a: 1\nfrozen: x.json # why\nb: 2\n', 'a: 1\nfrozen: y.json # why\nb: 2\n', 'a: 1\nb: 2\n'],
    ['on a line of its own', 'a: 1\nfrozen:\n  x.json\nb: 2\n', 'a: 1\nfrozen:\n  y.json\nb: 2\n', 'a: 1\nb: 2\n'],
    ['in quotes', 'a: 1\nfrozen: "x.json"\n', 'a: 1\nfrozen: y.json\n', 'a: 1\n'],
    ['empty', 'a: 1\nfrozen:\nb: 2\n', 'a: 1\nfrozen: y.json\nb: 2\n', 'a: 1\nb: 2\n'],
    ['with line ends of Windows', 'a: 1\r\nfrozen: x\r\n', 'a: 1\r\nfrozen: y.json\r\n', 'a: 1\r\n'],
    ['before a comment', 'frozen: x\n# b\nb: 2\n', 'frozen: y.json\n# b\nb: 2\n', '# b\nb: 2\n'],
  ])('takes the place of what stands there, %s, and takes it away', (_, text, set, removed) => {
    expect(withFrozen(text, 'y.json')).toBe(set);
    expect(withFrozen(text, undefined)).toBe(removed);
  });

  test.each([
    ['without a last line end', 'a: 1', 'a: 1\nfrozen: y.json\n'],
    ['before the end of the document', 'a: 1\n...\n', 'a: 1\nfrozen: y.json\n...\n'],
    ['as far in as the others', '  a: 1\n  b: 2\n', '  a: 1\n  b: 2\n  frozen: y.json\n'],
    ['after a text of several lines', 'a: |\n  text\n', 'a: |\n  text\nfrozen: y.json\n'],
  ])('adds its line %s', (_, text, expected) => {
    expect(withFrozen(text, 'y.json')).toBe(expected);
  });

  test('also works on a file in braces', () => {
    const frozen = withFrozen('# braces\n{ a: 1, b: [2] }\n', 'y.json');
    expect(parse(frozen)).toEqual({ a: 1, b: [2], frozen: 'y.json' });
    expect(frozen).toContain('# braces');
    expect(parse(withFrozen(frozen, undefined))).toEqual({ a: 1, b: [2] });
  });

  test('quotes a path that would be something else', () => {
    expect(parse(withFrozen('a: 1\n', '# no comment: 1'))).toEqual({ a: 1, frozen: '# no comment: 1' });
  });

  test('changes nothing but the key, in any file and back again', () => {
    const comment = fc.constantFrom('', '# a comment\n', '\n', '\n# another\n\n');
    const entry = fc
      .tuple(
        fc.constantFrom('1', '"two"', '[3, 4]', '{ five:   6 }', '\n  deep: 1 # c\n  # end', '>-\n  folded\n  text'),
        comment,
      )
      .map(([value, after]) => ({ value, after }));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 5 }), comment, fc.webPath(), (entries, top, path) => {
        const text = top + entries.map(({ value, after }, n) => `k${n}: ${value}\n${after}`).join('');
        const frozen = withFrozen(text, `${path}x`);
        expect(parse(frozen)).toEqual({ ...parse(text), frozen: `${path}x` });
        expect(frozen.startsWith(text)).toBe(true);
        expect(withFrozen(frozen, undefined)).toBe(text);
      }),
    );
  });
});
