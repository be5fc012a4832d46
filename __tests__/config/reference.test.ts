import { readFileSync } from 'node:fs';
import { Parser } from 'commonmark';
import { REFERENCE_FILE, referenceText } from '../../lib/config/reference';

const page = referenceText();
const rows = page.split('\n').filter((line) => line.startsWith('| `'));
const keyOf = (row: string) => /^\| `([^`]+)`/.exec(row)?.[1];

test('the committed page of all keys is what the program generates', () => {
  if (readFileSync(REFERENCE_FILE, 'utf8') !== page) {
    throw new Error('docs/reference.md is not what the program generates: run npm run schemas');
  }
});

test('every key has a form and a meaning', () => {
  expect(rows.length).toBeGreaterThan(80);
  for (const row of rows)
    expect(row.split(/(?<!\\)\|/).slice(1, -1)).not.toContainEqual(expect.stringMatching(/^\s*$/));
});

test('what stands in lists, and under names of one choice, is told like all else', () => {
  const keys = rows.map(keyOf);
  expect(keys).toEqual(
    expect.arrayContaining([
      'rings[].bake',
      'plans.<name>.services.<name>',
      'env.<NAME>',
      'volumes.<name>.size',
      'replicas.max',
    ]),
  );
});

test('a service is told once, with the places that may say each thing of it', () => {
  const said = (key: string) => rows.filter((row) => keyOf(row) === key).map((row) => row.split(' | ')[1]);
  expect(said('replicas')).toEqual(['platform, plan, tenant']);
  expect(said('stopSeconds')).toEqual(['platform, tenant']);
  expect(said('port')).toEqual(['platform']);
  expect(said('secrets.<NAME>')).toEqual(['platform', 'tenant']);
});

test('nothing of a description is taken for HTML, emphasis or a link', () => {
  const walker = new Parser().parse(rows.map((row) => row.replaceAll('**Needed.** ', '')).join('\n\n')).walker();
  for (let event = walker.next(); event; event = walker.next()) {
    expect(['html_inline', 'html_block', 'emph', 'strong', 'link']).not.toContain(event.node.type);
  }
});
