import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

/** The good platform, whose web-client has these replicas. */
const platform = (replicas: string) => changed(GOOD_PLATFORM, 'port: 3000 }', `port: 3000, replicas: ${replicas} }`);
const tenant = (replicas: string) => `${GOOD_TENANT}services: { web-client: { replicas: ${replicas} } }\n`;
const files = (ours: string, own?: string) => ({
  'platform.yaml': platform(ours),
  ...(own !== undefined && { 'tenants/globex.yaml': tenant(own) }),
});
const podsOf = (ours: string, own?: string) => {
  const [globex] = load(files(ours, own)).tenants;
  const found = globex && tenantSettings(globex).services.find(({ name }) => name === 'web-client');
  return found && [found.replicas, found.maxReplicas, found.targetCpu];
};

describe('the replicas of a service', () => {
  test.each<[string, string | undefined, readonly number[]]>([
    ['3', undefined, [3, 0, 80]],
    ['{ min: 2, max: 10, cpu: 70 }', undefined, [2, 10, 70]],
    ['{ max: 10 }', undefined, [1, 10, 80]],
    // Nothing to go between.
    ['{ min: 2, max: 2 }', undefined, [2, 0, 80]],
    ['{ min: 2, max: 10, cpu: 70 }', '{ min: 4 }', [4, 10, 70]],
    ['{ min: 2, max: 10 }', '{ max: 20, cpu: 50 }', [2, 20, 50]],
    ['{ min: 2, max: 10, cpu: 70 }', '3', [3, 0, 80]],
    ['3', '{ min: 3, max: 10 }', [3, 10, 80]],
  ])('%s, and of the tenant %s, are %j: the fewest, the most, and the CPU at which there are more', (...given) => {
    const [ours, own, pods] = given;
    expect(podsOf(ours, own)).toEqual(pods);
  });

  test.each([
    ['many', 64, '.replicas must be a number of pods, or a map such as { min: 2, max: 10, cpu: 80 }'],
    ['[1, 2]', 64, '.replicas must be a number of pods, or a map such as { min: 2, max: 10, cpu: 80 }'],
    ['{ min: 0, max: 4 }', 71, '.replicas.min must be 1 or more'],
    ['{ max: 101 }', 71, '.replicas.max must be at most 100'],
    ['{ max: 1.5 }', 71, '.replicas.max must be a whole number'],
    ['{ max: 3, cpu: 0 }', 79, '.replicas.cpu must be 1 percent or more'],
  ])('are refused where they are none: %s', (replicas, column, message) => {
    expect(problems(files(replicas))).toEqual([`platform.yaml:8:${column}: services.web-client${message}`]);
  });

  test('have keys that are suggested to whoever mistypes one', () => {
    expect(problems(files('{ max: 3, cpus: 5 }'))).toEqual([
      'platform.yaml:8:74: unknown key "cpus"; did you mean "cpu"?',
    ]);
  });

  test('say up to which number they go, for without it nothing goes by itself', () => {
    const why = 'services.web-client.replicas has no "max" up to which it may go: say one, or write "replicas: 2"';
    expect(problems(files('{ min: 2 }'))).toEqual([`platform.yaml:8:64: ${why} (in the tenant "globex")`]);
    expect(problems(files('1', '{ min: 2 }'))).toEqual([`tenants/globex.yaml:2:37: ${why}`]);
  });

  test.each([
    ['{ min: 5, max: 3 }', undefined, 'platform.yaml:8:64', 'min 5 and max 3', ' (in the tenant "globex")'],
    ['{ min: 2, max: 4 }', '{ min: 5 }', 'tenants/globex.yaml:2:37', 'min 5 and max 4', ''],
    ['{ min: 4, max: 6 }', '{ max: 2 }', 'tenants/globex.yaml:2:37', 'min 4 and max 2', ''],
  ])('are refused where the fewest are more than the most: %s, and of the tenant %s', (...given) => {
    const [ours, own, where, what, whose] = given;
    expect(problems(files(ours, own))).toEqual([
      `${where}: services.web-client.replicas comes to ${what}: max must be at least min${whose}`,
    ]);
  });

  test('of a plan are held against the rest as well', () => {
    const plans = 'plans: { large: { services: { web-client: { replicas: { min: 7 } } } } }\n';
    const text = platform('{ min: 4, max: 6 }') + plans;
    expect(problems({ 'platform.yaml': text, 'tenants/globex.yaml': `${GOOD_TENANT}plan: large\n` })).toEqual([
      'platform.yaml:15:55: services.web-client.replicas comes to min 7 and max 6: max must be at least min (in the tenant "globex")',
    ]);
  });
});
