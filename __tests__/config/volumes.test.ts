import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

/** The good platform, whose web-client has these volumes. */
const platform = (volumes: string) => changed(GOOD_PLATFORM, 'port: 3000 }', `port: 3000, volumes: ${volumes} }`);
const tenant = (volumes: string) => `${GOOD_TENANT}services: { web-client: { volumes: ${volumes} } }\n`;
const files = (ours: string, own?: string) => ({
  'platform.yaml': platform(ours),
  ...(own !== undefined && { 'tenants/globex.yaml': tenant(own) }),
});
const volumesOf = (ours: string, own?: string) => {
  const [globex] = load(files(ours, own)).tenants;
  return globex && tenantSettings(globex).services.find(({ name }) => name === 'web-client')?.volumes;
};
const CACHE = '{ cache: { path: /var/cache, size: 1Gi } }';
const many = (count: number, letter: string) =>
  `{ ${Array.from({ length: count }, (_, n) => `${letter}${n}: { path: /${letter}${n}, size: 1Mi }`).join(', ')} }`;

describe('the volumes of a service', () => {
  test('are those of the platform, with those of the tenant over them, by name', () => {
    expect(volumesOf(CACHE, '{ uploads: { path: /uploads, size: 2Gi } }')).toEqual([
      { name: 'cache', path: '/var/cache', size: '1Gi' },
      { name: 'uploads', path: '/uploads', size: '2Gi' },
    ]);
    expect(volumesOf(CACHE, '{ cache: { path: /var/cache, size: 5Gi } }')).toEqual([
      { name: 'cache', path: '/var/cache', size: '5Gi' },
    ]);
  });

  test('are told whole: one that is said again says its path again', () => {
    expect(problems(files(CACHE, '{ cache: { size: 5Gi } }'))).toEqual([
      'tenants/globex.yaml:2:45: services.web-client.volumes.cache.path is missing',
    ]);
  });

  const path =
    '.volumes.cache.path must be a path in the container that begins with "/" and does not end with it, such as /var/cache';
  const system =
    ".volumes.cache.path is taken: /tmp is there for every service, /etc/tenantry-database for the database server's certificates, and /proc, /sys and /dev are the system's";
  const size = '.volumes.cache.size must be an amount of room on disk in Mi or Gi, such as 512Mi or 2Gi';
  test.each([
    ['{ cache: { path: cache, size: 1Gi } }', 80, path],
    ['{ cache: { path: /cache/, size: 1Gi } }', 80, path],
    ['{ cache: { path: /, size: 1Gi } }', 80, path],
    ['{ cache: { path: /a/../b, size: 1Gi } }', 80, path],
    ['{ cache: { path: /tmp, size: 1Gi } }', 80, system],
    ['{ cache: { path: /etc/tenantry-database, size: 1Gi } }', 80, system],
    ['{ cache: { path: /proc/cache, size: 1Gi } }', 80, system],
    ['{ cache: { path: /cache, size: 1G } }', 94, size],
    ['{ cache: { path: /cache, size: 0Mi } }', 94, size],
    ['{ cache: { path: /cache } }', 72, '.volumes.cache.size is missing'],
    ['{ cache: 1Gi }', 72, '.volumes.cache must be a map of keys'],
    ['[cache]', 63, '.volumes must be a map of keys'],
    [many(17, 'a'), 63, '.volumes must have at most 16 volumes'],
  ])('are refused where they are none: %s', (volumes, column, message) => {
    expect(problems(files(volumes))).toEqual([`platform.yaml:8:${column}: services.web-client${message}`]);
  });

  const taken =
    'is taken: every service has /tmp and may have /etc/tenantry-database, and EKS adds aws-iam-token or eks-pod-identity-token for a role';
  test.each([
    ['tmp', `"tmp" ${taken}`],
    ['tenantry-database', `"tenantry-database" ${taken}`],
    ['Cache', '"Cache" must be lower-case letters, digits and "-", as Kubernetes names are'],
  ])('can not be named %s', (name, message) => {
    expect(problems(files(`{ ${name}: { path: /cache, size: 1Gi } }`))).toEqual([`platform.yaml:8:65: ${message}`]);
  });

  test('have keys that are suggested to whoever mistypes one', () => {
    expect(problems(files('{ cache: { path: /cache, size: 1Gi, sise: 1Gi } }'))).toEqual([
      'platform.yaml:8:99: unknown key "sise"; did you mean "size"?',
    ]);
  });

  test('have paths of their own, whichever file they stand in', () => {
    const same = 'the path /var/cache is that of the volume "cache" too';
    expect(
      problems(files('{ cache: { path: /var/cache, size: 1Gi }, data: { path: /var/cache, size: 1Gi } }')),
    ).toEqual([`platform.yaml:8:119: ${same} (in the tenant "globex")`]);
    expect(problems(files(CACHE, '{ data: { path: /var/cache, size: 1Gi } }'))).toEqual([
      `tenants/globex.yaml:2:52: ${same}`,
    ]);
  });

  test('are at most 16, of all files together', () => {
    expect(volumesOf(many(10, 'a'), many(6, 'b'))).toHaveLength(16);
    expect(problems(files(many(10, 'a'), many(7, 'b')))).toEqual([
      'tenants/globex.yaml:2:36: services.web-client.volumes comes to 17 volumes in all, and may have 16',
    ]);
  });
});
