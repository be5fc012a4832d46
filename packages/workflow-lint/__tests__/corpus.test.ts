import { corpus, lintCase } from './corpus';

const broken = corpus('broken');
const sound = corpus('sound');

describe('every mistake of the corpus is found where it stands, and nothing else', () => {
  test.each(broken.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    expect(each.expected).not.toEqual([]);
    expect((await lintCase(each)).found).toEqual(each.expected);
  });
});

describe('nothing is found in what is sound', () => {
  test.each(sound.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    expect(each.expected).toEqual([]);
    expect((await lintCase(each)).report.findings).toEqual([]);
  });
});

test('the corpus is as large as it was promised to be', () => {
  expect(broken.length).toBeGreaterThanOrEqual(40);
  expect(sound.length).toBeGreaterThanOrEqual(40);
});
