import { type Node, Parser } from 'commonmark';
import fc from 'fast-check';
import { codeSpan } from '../../lib/plan/code-span';
import { LIMIT } from '../../lib/plan/plan-markdown';
import { manifest, PLATFORM, type Planned, place, planText } from './plan-file';
import { commented, reported, shown } from './reported';

const commit = (build: string) => manifest('amber', build).spec.services[0]?.commit ?? '';

/** What GitHub would make of a Markdown: the nodes of a type, by the words in them. */
function nodes(markdown: string, ...types: readonly Node['type'][]): string[] {
  const found: string[] = [];
  const walker = new Parser().parse(markdown).walker();
  for (let event = walker.next(); event; event = walker.next()) {
    const { node, entering } = event;
    if (entering && types.includes(node.type)) found.push(node.literal ?? node.destination ?? '');
  }
  return found;
}

describe('the comment on a pull request', () => {
  test('begins with a hidden line by which it is found again', () => {
    const text = planText({ amber: { applied: manifest('amber'), wanted: manifest('amber') } });
    expect(commented(text)).toMatch(
      /^<!-- tenantry plan: acme tenants -->\n### What the next run changes: tenants of `acme`\n/,
    );
    expect(commented(text, { stack: 'operator' })).toMatch(/^<!-- tenantry plan: acme operator -->\n/);
  });

  test('shows what changes, with links', () => {
    const inRing = (build: string) => manifest('amber', build, {}, 'early');
    const planned = { amber: { applied: inRing('first'), wanted: inRing('second') } };
    expect(commented(planText(planned, { others: [place('place-0')] }))).toBe(`<!-- tenantry plan: acme tenants -->
### What the next run changes: tenants of \`acme\`

**1 of 1 tenants would change.**

> **Note:** No earlier ring proves \`apiserver\` of \`releases/0.0.2\`: no tenant there would run it. The operator keeps the old image in \`amber\`. Give one tenant of an earlier ring this release, or write "unproven: allow".

> **Note:** No earlier ring proves \`worker\` of \`releases/0.0.2\`: no tenant there would run it. The operator keeps the old image in \`amber\`. Give one tenant of an earlier ring this release, or write "unproven: allow".

**Images**

- \`apiserver\` [\`${commit('first').slice(0, 7)}\` → \`${commit('second').slice(0, 7)}\`](https://github.com/acme/apiserver/compare/${commit('first')}...${commit('second')}) in \`amber\`
${commented(planText(planned))
  .split('\n')
  .find((line) => line.startsWith('- `worker`'))}

**Waits for earlier rings**

- \`amber\` (ring \`early\`) keep the images that they run until all of \`canary\` is well on its own

Planned 2026-11-25 03:06:01 UTC.
`);
  });

  test('warns of a tenant that would be lost before all else', () => {
    expect(commented(planText({ amber: { applied: manifest('amber') } }))).toContain(`
> [!CAUTION]
> **REFUSED: this must not be. Do not deploy this plan.**
> - \`amber\` would be deleted, and it is in use.`);
  });

  test('says that the platform is frozen', () => {
    const text = planText({});
    expect(commented(text, { platform: { ...PLATFORM, frozen: 'frozen.lock.json' } })).toContain(
      '> **Note:** THE PLATFORM IS FROZEN',
    );
  });

  describe('of a thousand tenants', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `tenant-${index}`);
    const fleet = (planned: (name: string, index: number) => Planned) =>
      planText(Object.fromEntries(names.map((name, index) => [name, planned(name, index)])));

    test('is short where all of them get the same', () => {
      const text = fleet((name) => ({
        applied: manifest(name, 'first', {}, 'canary'),
        wanted: manifest(name, 'second', {}, 'canary'),
      }));
      expect(commented(text).length).toBeLessThan(1000);
      expect(commented(text)).toContain('in all 1000 tenants');
    });

    test('is cut behind a line where each gets something else, and says where all of it is', () => {
      const text = fleet((name, index) => ({
        applied: manifest(name, `${index}`, {}, 'canary'),
        wanted: manifest(name, 'second', { host: `ü${index}.example.com` }, 'canary'),
      }));
      const markdown = commented(text, {}, 'https://github.com/acme/platform/actions/runs/1');
      expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(LIMIT);
      expect(Buffer.byteLength(markdown)).toBeGreaterThan(LIMIT - 500);
      const lines = markdown.trimEnd().split('\n');
      expect(lines.at(-1)).toMatch(
        /^\*\*There are \d+ lines more\.\*\* The whole list is at https:\/\/github\.com\/acme\/platform\/actions\/runs\/1\.$/,
      );
      expect(lines.at(-3)).toMatch(/^- `.* in `tenant-\d+`$/);
      const left = Number(lines.at(-1)?.match(/\d+/)?.[0]);
      // Three for each tenant; the title of the settings, the time, and what keeps them apart make five lines more.
      expect(lines.filter((line) => line.startsWith('- ')).length + left).toBe(3000 + 5);
    });

    test('says what prints all of it where nobody said where it is', () => {
      const text = fleet((name, index) => ({ applied: manifest(name, `${index}`), wanted: manifest(name, 'second') }));
      expect(commented(text)).toContain('The whole list is what `npx tenantry plan` prints.');
    });
  });
});

/** What people have tried to get past a renderer, and what a GitHub runner takes for a command. */
const HOSTILE = [
  '`x` @everyone',
  '``` \n# heading',
  '</code><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![](https://evil.example/pixel.png)',
  '@acme/admins #1 acme/platform#2',
  '\n::error::pwned',
  '\r\n::add-mask::x',
  '::set-output name=a::b',
  '##[error]pwned',
  '-->\n<h1>',
  '| a | b |',
  '\u001b[31mred\u001b[0m',
  '\u202Egnp.exe',
  '\u2028::error::x',
  'https://evil.example',
  '&lt;b&gt; &#64;everyone',
  '$(id) %0A::error::x',
  '\\`x\\`',
  '   ',
  'a'.repeat(10_000),
];

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  // To say "" is to say nothing.
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '`',
        '\n',
        '@',
        '<',
        '>',
        '#',
        '[',
        ']',
        '(',
        ')',
        '!',
        ':',
        '::',
        '\\',
        '-',
        '*',
        '_',
        ' ',
        'x',
        '\r',
      ),
      { minLength: 1, maxLength: 20 },
    )
    .map((parts) => parts.join('')),
);

describe('whatever stands in a plan', () => {
  /** A plan in which everything that can be is `text`. */
  const poisoned = (text: string) => {
    const wanted = manifest('amber', 'second');
    const services = wanted.spec.services.map((service) => ({
      ...service,
      commit: text,
      release: text,
      path: text,
      replicas: text,
    }));
    // A key of its own, whatever the text: "ring" would change the ring.
    const spec = { ...wanted.spec, host: text, ring: text, [`${text}!`]: text, services };
    const evil = { ...wanted, metadata: { name: text }, spec } as never;
    const other = { kind: text, metadata: { name: text, namespace: text } };
    return planText(
      {
        changed: { applied: manifest('amber'), wanted: evil },
        byHand: { applied: manifest('amber'), live: evil, wanted: manifest('amber') },
        added: { wanted: evil },
        deleted: { applied: evil },
        forgotten: { applied: evil, actions: ['forget'] },
      },
      {
        others: [
          place(text),
          {
            ...place(text, ['update']),
            address: text,
            type: text,
            change: { actions: ['update'], before: { [text]: 1 }, after: { [text]: 2 } },
          },
          {
            ...place('x', ['create']),
            type: 'kubernetes_manifest',
            change: { actions: ['create'], before: null, after: { manifest: other } },
          },
        ],
      },
    );
  };

  test('is code in Markdown and nothing else: no HTML, no link, no picture, no mention', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const markdown = commented(poisoned(text));
        const [marker, ...html] = nodes(markdown, 'html_block', 'html_inline');
        expect(marker).toBe('<!-- tenantry plan: acme tenants -->');
        expect(html).toEqual([]);
        expect(nodes(markdown, 'image', 'code_block', 'thematic_break')).toEqual([]);
        for (const link of nodes(markdown, 'link')) expect(link).toMatch(/^https:\/\/github\.com\/acme\//);
        for (const words of nodes(markdown, 'text')) expect(words).not.toMatch(/[@<>`#\\\p{Cc}\p{Cf}]|example/u);
        expect(nodes(markdown, 'heading')).toHaveLength(1);
      }),
      { examples: HOSTILE.map((text) => [text]) },
    );
  });

  test('ends no line, moves no cursor and gives no command to a runner, in any format', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const plan = poisoned(text);
        const lines = shown(plan).split('\n');
        expect(lines.length).toBe(shown(poisoned('x')).split('\n').length);
        for (const line of [...lines, ...commented(plan).split('\n')]) {
          expect(line).not.toMatch(/^\s*::/);
          expect(line).not.toContain('##[');
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        }
      }),
      { examples: [':', ...HOSTILE.filter((text) => text.trim() !== '')].map((text) => [text]) },
    );
  });

  test('is there to the last character for programs', () => {
    expect(JSON.stringify(reported(poisoned('<b>')))).toContain('<b>');
  });
});

test('a code span holds any text as it is shown', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 50 }), (text) => {
      const span = codeSpan(text);
      const [code, ...others] = nodes(`before ${span} after`, 'code');
      expect(others).toEqual([]);
      if (!/\p{C}|::|##\[/u.test(text) && text.trim() !== '') expect(code).toBe(text);
    }),
  );
});
