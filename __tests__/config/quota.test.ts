import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

// web-client 1 pod, apiserver 2, and one more of each while a rollout goes on; 50m and 512Mi each.
const LINE = GOOD_PLATFORM.split('\n').length;
const platformWith = (quota: string, platform = GOOD_PLATFORM) => ({ 'platform.yaml': `${platform}quota: ${quota}\n` });
const tenantWith = (text: string) => ({ 'tenants/globex.yaml': GOOD_TENANT + text });
const quotaOf = (files: Parameters<typeof load>[0]) => load(files).tenants.map((one) => tenantSettings(one).quota)[0];

describe('what all pods of a tenant may take', () => {
  test('has no limit where no file says anything', () => {
    expect(quotaOf({})).toEqual({ cpu: '', memory: '', pods: 0 });
    expect(quotaOf(platformWith('{}'))).toEqual({ cpu: '', memory: '', pods: 0 });
  });

  test('is what the tenant says, over what its plan says, over what the platform says, key by key', () => {
    const platform = `${GOOD_PLATFORM}plans: { large: { quota: { memory: 9Gi, pods: 30 } } }\n`;
    const files = {
      ...platformWith('{ cpu: 1.50, memory: 8Gi, pods: 20 }', platform),
      ...tenantWith('plan: large\nquota: { pods: 40 }\n'),
    };
    expect(quotaOf(files)).toEqual({ cpu: '1.50', memory: '9Gi', pods: 40 });
  });
});

describe('a quota is refused on its line', () => {
  const CPU = 'must be an amount of CPU: thousandths of a core (100m), or cores (0.5, 2)';
  const MEMORY = 'must be an amount of memory in Mi or Gi, such as 512Mi or 2Gi';
  test.each([
    ['{ cpu: 0 }', 15, `quota.cpu ${CPU}`],
    ['{ cpu: four }', 15, `quota.cpu ${CPU}`],
    ['{ cpu: -1 }', 15, `quota.cpu ${CPU}`],
    ['{ memory: 8G }', 18, `quota.memory ${MEMORY}`],
    ['{ memory: 8 }', 18, 'quota.memory must be an amount of memory, such as 512Mi or 2Gi'],
    ['{ pods: 0 }', 16, 'quota.pods must be 1 or more'],
    ['{ pods: 10001 }', 16, 'quota.pods must be at most 10000'],
    ['{ pods: 1.5 }', 16, 'quota.pods must be a whole number'],
    ['{ pod: 4 }', 10, 'unknown key "pod"; did you mean "pods"?'],
    ['4', 8, 'quota must be a map of keys'],
  ])('%s', (quota, column, problem) => {
    expect(problems(platformWith(quota))).toEqual([`platform.yaml:${LINE}:${column}: ${problem}`]);
  });
});

describe('a quota that the services do not fit into', () => {
  const MORE = 'with what a rollout, a migration or a job adds';

  test('is refused, of each amount, with what it would have to be', () => {
    expect(problems(platformWith('{ cpu: 0.2, memory: 2Gi, pods: 4 }'))).toEqual([
      `platform.yaml:${LINE}:15: quota.cpu is 0.2, and the services need up to 250m, ${MORE}: web-client 2 × 50m, apiserver 3 × 50m. Say 250m or more, or ask for less (in the tenant "globex")`,
      `platform.yaml:${LINE}:28: quota.memory is 2Gi, and the services need up to 2560Mi, ${MORE}: web-client 2 × 512Mi, apiserver 3 × 512Mi. Say 2560Mi or more, or ask for less (in the tenant "globex")`,
      `platform.yaml:${LINE}:39: quota.pods is 4, and the services need up to 5, ${MORE}: web-client 2, apiserver 3. Say 5 or more, or ask for less (in the tenant "globex")`,
    ]);
    expect(quotaOf(platformWith('{ cpu: 250m, memory: 2560Mi, pods: 5 }'))).toMatchObject({ pods: 5 });
  });

  test('is refused in the file that has the last word on it', () => {
    const platform = { 'platform.yaml': `${GOOD_PLATFORM}plans: { small: { quota: { pods: 4 } } }\n` };
    expect(problems({ ...platform, ...tenantWith('plan: small\n') })).toEqual([
      expect.stringMatching(/^platform\.yaml:15:34: quota\.pods is 4, .* \(in the tenant "globex"\)$/),
    ]);
    expect(problems({ ...platform, ...tenantWith('plan: small\nquota: { pods: 3 }\n') })).toEqual([
      expect.stringMatching(/^tenants\/globex\.yaml:3:16: quota\.pods is 3, .* or ask for less$/),
    ]);
  });

  test('is told once where it is the same for many tenants, and for each to which it is another one', () => {
    const files = { ...platformWith('{ pods: 4 }'), 'tenants/hooli.yaml': 'host: hooli.example.com\n' };
    expect(problems(files)).toHaveLength(1);
    const other = 'host: hooli.example.com\nservices: { apiserver: { replicas: 9 } }\n';
    expect(problems({ ...files, 'tenants/hooli.yaml': other })).toHaveLength(2);
  });

  test.each([
    ['as many pods as a service may have when it is busy', 'replicas: { min: 1, max: 10 }', 2 + 13],
    ['a migration, beside the pods that it is before', 'replicas: 4, migrate: [migrate]', 2 + 6],
    ['a migration of a service without pods', 'replicas: 0, migrate: [migrate]', 2 + 1],
    ['no pods of a service that has none', 'replicas: 0', 2],
  ])('is counted with %s', (_, settings, pods) => {
    const platform = changed(GOOD_PLATFORM, 'port: 8080, replicas: 2', `port: 8080, ${settings}`);
    expect(problems(platformWith(`{ pods: ${pods - 1} }`, platform))).toHaveLength(1);
    expect(quotaOf(platformWith(`{ pods: ${pods} }`, platform))).toMatchObject({ pods });
  });

  test('is counted with the one run of a job', () => {
    const job = changed(
      GOOD_PLATFORM,
      '  apiserver:',
      '  nightly: { image: apiserver, schedule: "0 3 * * *", resources: { cpu: 2 } }\n  apiserver:',
    );
    expect(quotaOf(platformWith('{ pods: 6, cpu: 2250m }', job))).toMatchObject({ pods: 6 });
    expect(problems(platformWith('{ pods: 5, cpu: 2249m }', job))).toHaveLength(2);
  });

  test.each(['decommission', 'suspend'])('is no problem of a tenant that runs no pods: %s', (state) => {
    const files = (value: boolean) => ({ ...platformWith('{ pods: 1 }'), ...tenantWith(`${state}: ${value}\n`) });
    expect(quotaOf(files(true))).toMatchObject({ pods: 1 });
    expect(problems(files(false))).toHaveLength(1);
  });
});
