import { changed, GOOD_PLATFORM, load, problems } from './configuration-files';

const STAGING = changed(
  changed(changed(GOOD_PLATFORM, 'name: acme', 'name: acme-staging'), 'acme-production', 'acme-staging'),
  'rings:',
  'tenants: staging\nrings:',
);
const AFTER = { 'platform.yaml': `${GOOD_PLATFORM}after: staging.yaml\n` };

describe('an environment after another', () => {
  test('knows the name, the file and the registry of the one before it, whose tenants it does not look at', () => {
    const { platform } = load({ ...AFTER, 'staging.yaml': STAGING });
    expect(platform.after).toEqual({
      file: expect.stringMatching(/staging\.yaml$/),
      name: 'acme-staging',
      registry: { account: '123456789012', region: 'eu-central-1' },
    });
  });

  test('is none where the file says nothing of it', () => {
    expect(load().platform).not.toHaveProperty('after');
  });

  test('is refused with what is wrong with the file that it names', () => {
    expect(problems(AFTER)).toEqual(['platform.yaml:15:8: names staging.yaml, and there is no such file']);
    const misspelt = changed(STAGING, 'release:', 'relaese:');
    expect(problems({ ...AFTER, 'staging.yaml': misspelt }).join('\n')).toMatch(
      /^staging\.yaml:2:1: unknown key "relaese"/m,
    );
  });

  test('is not after itself', () => {
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}after: ./platform.yaml\n` })).toEqual([
      'platform.yaml:15:8: names this file itself: name that of another environment',
    ]);
  });

  test.each([
    ['that comes after it', { 'staging.yaml': `${STAGING}after: platform.yaml\n` }],
    [
      'that comes after one that comes after it',
      {
        'staging.yaml': `${STAGING}after: dev.yaml\n`,
        'dev.yaml': 'after: ./platform.yaml\n',
      },
    ],
  ])('is not after one %s', (_, files) => {
    expect(problems({ ...AFTER, ...files })).toEqual([
      'platform.yaml:15:8: staging.yaml comes after this file itself, so neither would ever take a new image: take "after" out of one',
    ]);
  });

  test('may be after one of a loop that it is not in, which is said where that is deployed', () => {
    const files = { 'staging.yaml': `${STAGING}after: dev.yaml\n`, 'dev.yaml': 'after: staging.yaml\n' };
    expect(load({ ...AFTER, ...files }).platform.after?.name).toBe('acme-staging');
  });

  test('has a GitHub environment of its own', () => {
    const both = 'environment: production\n';
    const files = { 'platform.yaml': `${GOOD_PLATFORM}after: staging.yaml\n${both}`, 'staging.yaml': STAGING + both };
    expect(problems(files)).toEqual([
      'platform.yaml:16:14: "environment" is that of staging.yaml too: AWS would take the deploys of one for those of the other, so give this environment a GitHub environment of its own',
    ]);
  });

  test('has a name, a cluster and a folder of tenants of its own', () => {
    expect(problems({ ...AFTER, 'staging.yaml': GOOD_PLATFORM })).toEqual([
      'platform.yaml:1:7: "name" is that of staging.yaml too: roles and states are named after it, so give this environment another',
      'platform.yaml:11:3: "cluster" is that of staging.yaml too: each environment needs a cluster of its own',
      'platform.yaml:1:1: "tenants" is that of staging.yaml too: a host leads to one cluster alone, so give the tenants of this environment a folder of their own',
    ]);
  });
});
