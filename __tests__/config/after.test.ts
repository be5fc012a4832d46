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
    expect(problems(AFTER)).toEqual(['staging.yaml: there is no such file']);
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

  test('has a name, a cluster and a folder of tenants of its own', () => {
    expect(problems({ ...AFTER, 'staging.yaml': GOOD_PLATFORM })).toEqual([
      'platform.yaml:1:7: "name" is that of staging.yaml too: roles and states are named after it, so give this environment another',
      'platform.yaml:11:3: "cluster" is that of staging.yaml too: each environment needs a cluster of its own',
      'platform.yaml:1:1: "tenants" is that of staging.yaml too: a host leads to one cluster alone, so give the tenants of this environment a folder of their own',
    ]);
  });
});
