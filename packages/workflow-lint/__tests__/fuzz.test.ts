import fc from 'fast-check';
import { stringify } from 'yaml';
import { forPeople } from '../lib/report/people';
import { asSarif } from '../lib/report/sarif';
import { corpus, lintCase } from './corpus';

const RUNS = process.env.TENANTRY_TESTS === 'all' ? 5_000 : 300;
const FILES = [...corpus('broken'), ...corpus('sound')].flatMap(({ files }) => files.map(({ text }) => text));

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: expressions of GitHub
/** What people write in workflows, and where it does not belong. */
const word = fc.constantFrom(
  ...[
    'push',
    'workflow_run',
    'repository_dispatch',
    'main',
    '**',
    'completed',
    'CI',
    'deploy',
    '',
    '~',
    '!x',
    '[',
    '&a',
  ],
  ...['${{ github.sha }}', '${{ github.event.workflow_run.conclusion', '${{ fromJSON(inputs.x)[0].*.y }}', 'always()'],
  ...['${{ matrix.a }}', '${{ needs.a.outputs.b || failure() }}', "${{ format('{0', 1) }}", "contains('a', 'b') && !"],
);
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: expressions of GitHub
const key = fc.constantFrom(
  ...[
    'name',
    'on',
    'jobs',
    'steps',
    'run',
    'uses',
    'with',
    'if',
    'env',
    'needs',
    'environment',
    'concurrency',
    'group',
  ],
  ...[
    'cancel-in-progress',
    'types',
    'branches',
    'branches-ignore',
    'workflows',
    'strategy',
    'matrix',
    'outputs',
    'ref',
  ],
  ...['workflow_run', 'workflow_call', 'repository_dispatch', 'push', 'pull_request', 'inputs', 'a', 'b', '<<', '0'],
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    word,
    fc.constantFrom(null, true, 0, -1.5, Number.POSITIVE_INFINITY),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}));
const workflow = fc
  .record(
    { name: word, on: value, jobs: fc.dictionary(word, value, { maxKeys: 3 }), concurrency: value },
    { requiredKeys: [] },
  )
  .map((object) => stringify(object));

/** A workflow of the corpus, with some of its lines lost, doubled, moved, or said by another. */
const mutated = fc
  .tuple(
    fc.constantFrom(...FILES),
    fc.array(fc.tuple(fc.constantFrom('lose', 'double', 'indent', 'word', 'cut'), fc.nat(), word), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, changes]) => changes.reduce((lines, change) => mutate(lines, change), text.split('\n')).join('\n'));

function mutate(lines: readonly string[], [how, at, said]: readonly [string, number, string]): string[] {
  const index = at % Math.max(1, lines.length);
  const line = lines[index] ?? '';
  const instead = {
    lose: [],
    double: [line, line],
    indent: [`  ${line}`],
    word: [line.replace(/[^\s:]+$/, () => said)],
    cut: [line.slice(0, at % (line.length + 1))],
  }[how] as string[];
  return [...lines.slice(0, index), ...instead, ...lines.slice(index + 1)];
}

/** Whatever is found has a place that there is, says something, and can be reported. */
async function lints(texts: readonly string[]): Promise<void> {
  const files = texts.map((text, index) => ({ path: `${index}.yml`, text }));
  const { report } = await lintCase({ files });
  expect(report.repositories[0]?.workflows).toHaveLength(files.length);
  for (const { file, line, column, message, silent, mend } of report.findings) {
    const text = texts[Number(/(\d+)\.yml$/.exec(file)?.[1])] ?? '';
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split(/\r?\n/).length);
    expect(column).toBeGreaterThanOrEqual(1);
    for (const said of [message, silent, mend]) expect(said).toMatch(/\S/);
    for (const said of [message, mend]) expect(said).not.toMatch(/undefined|\[object|NaN/);
  }
  expect(forPeople(report)).not.toBe('');
  expect(JSON.parse(asSarif(report)).runs[0].results).toHaveLength(report.findings.length);
}

describe('whatever is in the files, they are linted', () => {
  test('any text', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 200 }));
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 2 }), lints), { numRuns: RUNS });
  });

  test('keys and values of workflows, wherever they stand', async () => {
    await fc.assert(fc.asyncProperty(fc.array(workflow, { minLength: 1, maxLength: 3 }), lints), { numRuns: RUNS });
  });

  test('workflows that somebody was in the middle of changing', async () => {
    await fc.assert(fc.asyncProperty(fc.array(mutated, { minLength: 1, maxLength: 3 }), lints), { numRuns: RUNS });
  });

  test.each([
    ['that is not YAML', 'on: [push\njobs: {'],
    ['that is empty', ''],
    ['that is a list', '- a\n- b\n'],
    ['that is no text', '\0\0\0'],
    [
      'of anchors that stand for billions',
      `a: &a [x, x]\n${[...'bcdefghijklmnop'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghijklmnop'[index]}`).join(', ')}]`).join('\n')}\n`,
    ],
    ['as deep as a well', `on: ${'['.repeat(5_000)}${']'.repeat(5_000)}\njobs: {}\n`],
    ['longer than anybody writes', `on: push\njobs:\n${'  #\n'.repeat(400_000)}`],
  ])('a file %s gets a message', async (_, text) => {
    const { report } = await lintCase({ files: [{ path: 'ci.yml', text }] });
    expect(report.findings[0]).toMatchObject({ rule: 'invalid-workflow', message: expect.stringMatching(/\S/) });
  });
});
