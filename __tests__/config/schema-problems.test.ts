import { changed, GOOD_PLATFORM, GOOD_TENANT, problems } from './configuration-files';

/** What is wrong with the good platform file when one part of it is replaced. */
const inPlatform = (part: string, by: string) => problems({ 'platform.yaml': changed(GOOD_PLATFORM, part, by) });
/** What is wrong with the good tenant when lines follow. */
const inTenant = (lines: string) => problems({ 'tenants/globex.yaml': GOOD_TENANT + lines });

const TAKEN =
  'is taken: "operator" is the operator\'s in locks and in ECR, and Kubernetes makes a ServiceAccount "default" in each namespace';

describe('keys', () => {
  test('a misspelt key is refused with the one that was probably meant', () => {
    expect(inTenant('relaese: releases/0.0.3\n')).toEqual([
      'tenants/globex.yaml:2:1: unknown key "relaese"; did you mean "release"?',
    ]);
  });

  test('a key that is near to none is refused with all that there are', () => {
    expect(inTenant('colour: blue\n')).toEqual([
      'tenants/globex.yaml:2:1: unknown key "colour"; known: host, hosts, ring, unproven, release, plan, services, egress, quota, database, suspend, decommission',
    ]);
  });

  test('a misspelt key inside a map is compared with the keys of that map', () => {
    expect(inPlatform('  region: eu-central-1', '  region: eu-central-1\n  acount: "1"')).toEqual([
      'platform.yaml:7:3: unknown key "acount"; did you mean "account"?',
    ]);
    expect(inTenant('database:\n  deletionpolicy: Delete\n')).toEqual([
      'tenants/globex.yaml:3:3: unknown key "deletionpolicy"; did you mean "deletionPolicy"?',
    ]);
  });

  test('a misspelt key of a service is compared with the keys that services have', () => {
    expect(inPlatform('port: 3000 }', 'port: 3000, healthpath: /up }')).toEqual([
      'platform.yaml:8:54: unknown key "healthpath"; did you mean "healthPath"?',
    ]);
    expect(inTenant('services:\n  apiserver: { replica: 3 }\n')).toEqual([
      'tenants/globex.yaml:3:16: unknown key "replica"; did you mean "replicas"?',
    ]);
  });

  test('a missing key is reported where the map begins that should have it', () => {
    expect(inPlatform('  region: eu-central-1\n', '')).toEqual(['platform.yaml:5:3: registry.region is missing']);
    expect(inPlatform('github: acme/web-client, ', '')).toEqual([
      'platform.yaml:8:15: services.web-client.github is missing',
    ]);
  });

  test('a key without a value is not a missing key', () => {
    expect(inPlatform('bucket: acme-tenantry-state', 'bucket:')).toEqual([
      'platform.yaml:13:10: state.bucket must be a bucket name',
    ]);
    expect(inTenant('services:\n')).toEqual(['tenants/globex.yaml:2:10: services must be a map of keys']);
  });

  test('keys that JavaScript objects have are unknown like any other', () => {
    expect(inTenant('toString: x\nconstructor: y\nhasOwnProperty: z\n')).toHaveLength(3);
  });
});

describe('values of the platform file', () => {
  test.each(['123456789012', '012345678901', '0123', '1e11'])(
    'an account without quotes (%s) is refused',
    (account) => {
      expect(inPlatform('"123456789012"', account)).toEqual([
        'platform.yaml:5:12: registry.account must be text: put the digits in quotes',
      ]);
    },
  );

  test.each(['"12345678901"', '"1234567890123"', '"12345678901a"', '""'])('%s is no account', (account) => {
    expect(inPlatform('"123456789012"', account)).toEqual([
      'platform.yaml:5:12: registry.account must be the 12 digits of an AWS account, in quotes',
    ]);
  });

  test.each([
    '0.0.2',
    'release/1',
    'releases',
    'releases/',
    'releases/-x',
    'releases/a b',
    'releases/a-',
    'releases/a/',
  ])('%s is no release', (release) => {
    expect(inPlatform('releases/0.0.2', release)).toEqual([
      'platform.yaml:2:10: release must be a release branch, such as releases/0.0.2',
    ]);
  });

  test('a release may have as many characters as a label in Kubernetes, which its tag becomes', () => {
    expect(inPlatform('releases/0.0.2', `releases/${'a'.repeat(55)}`)).toEqual([
      'platform.yaml:2:10: release must have at most 63 characters, as labels in Kubernetes do',
    ]);
  });

  test.each([
    ['Web', '"Web" must be lower-case letters, digits and "-", as Kubernetes names are'],
    ['web_client', '"web_client" must be lower-case letters, digits and "-", as Kubernetes names are'],
    ['web.client', '"web.client" must be lower-case letters, digits and "-", as Kubernetes names are'],
    ['1web', '"1web" must be lower-case letters, digits and "-", as Kubernetes names are'],
    ['web-', '"web-" must be lower-case letters, digits and "-", as Kubernetes names are'],
    ['a'.repeat(64), `"${'a'.repeat(64)}" must have at most 63 characters`],
    ['operator', `"operator" ${TAKEN}`],
    ['default', `"default" ${TAKEN}`],
  ])('%s is no name of a service', (name, message) => {
    expect(inPlatform('  web-client:', `  ${name}:`)).toEqual([`platform.yaml:8:3: ${message}`]);
  });

  test('a service needs a name that ECR takes, or a repository', () => {
    expect(inPlatform('  web-client:', '  web--client:')).toEqual([
      'platform.yaml:8:3: "web--client" is not a name that ECR takes: give the service a "repository"',
    ]);
  });

  test.each(['0', '65536', '-1', '80.5', '"80"', '[80]', '.nan', '.inf'])('%s is no port', (port) => {
    expect(inPlatform('port: 3000', `port: ${port}`)).toEqual([
      expect.stringMatching(/^platform\.yaml:8:48: services\.web-client\.port must be (1 to 65535|a whole number)$/),
    ]);
  });

  test.each([
    'api',
    '""',
    '/api/',
    '//',
    '/a//b',
    '/.',
    '/..',
    '/a/../b',
    '/a b',
    '/ü',
    '/a%20b',
    '/a?b',
    '/a:b',
    '/a$',
    '/*',
    '80',
    '[/api]',
    `/${'a'.repeat(255)}`,
  ])('%s is no path of a service', (path) => {
    expect(inPlatform('port: 3000 }', `port: 3000, path: ${path} }`)).toEqual([
      expect.stringMatching(/^platform\.yaml:8:60: services\.web-client\.path must /),
    ]);
  });

  test('a misspelt path is refused with how one looks', () => {
    expect(inPlatform('port: 3000', 'port: 3000, path: api')).toEqual([
      'platform.yaml:8:60: services.web-client.path must be "/" or such as /api/v1: letters, digits, "-", ".", "_" and "~" after each "/", no part of dots alone',
    ]);
    expect(inPlatform('port: 3000', 'port: 3000, path: 80')).toEqual([
      'platform.yaml:8:60: services.web-client.path must be a path in text, such as /api, or null',
    ]);
  });

  test.each([
    'v1/health',
    '""',
    '"/v1 health"',
    '/v1/health?full',
    '/#top',
    '/v1/../up',
    '/.',
    '/web-client/%2e%2e/up',
    '/web-client/%2E./up',
    '/web-client/.%2e/up',
    '/web-client%2f..%2fup',
    '/web-client%5Cup',
    '/web-client/%252e%252e/up',
    '/web-client/%',
    '/web-client/%zz',
    '//up',
    '/web-client//up',
    `'/web-client/..\\up'`,
    '/web-client/ü',
    `/${'a'.repeat(1024)}`,
  ])('%s is no health path', (path) => {
    expect(inPlatform('port: 3000', `port: 3000, healthPath: ${path}`)).toEqual([
      expect.stringMatching(/^platform\.yaml:8:66: services\.web-client\.healthPath must /),
    ]);
  });

  test.each([
    'acme',
    'acme/web/client',
    '/web',
    'acme/',
    'https://github.com/acme/web',
    '-acme/web',
    'acme/web client',
    'acme@1/web',
    'acme/web@2',
  ])('%s is no GitHub repository', (github) => {
    expect(inPlatform('github: acme/platform', `github: ${github}`)).toEqual([
      'platform.yaml:3:9: github must be a GitHub repository: acme/web-client, or acme@1234/web-client@5678 with the ids its OIDC tokens carry',
    ]);
  });

  test.each([
    ['branch', '$${main}', 'a branch, such as main'],
    ['branch', '-main', 'a branch, such as main'],
    ['environment', '%{ if true }', 'letters, digits, " ", ".", "_", "/" and "-"'],
  ])('a %s cannot be %s', (key, value, message) => {
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}${key}: "${value}"\n` })).toEqual([
      `platform.yaml:15:${key.length + 3}: ${key} must be ${message}`,
    ]);
  });

  test('the cluster is one of two, and never both or neither', () => {
    const neitherNorBoth = 'cluster must name either an EKS cluster ("eks") or a "kubeconfig", and not both';
    expect(inPlatform('  eks: acme-production', '  {}')).toEqual([`platform.yaml:11:3: ${neitherNorBoth}`]);
    expect(inPlatform('acme-production', 'acme-production\n  kubeconfig: k')).toEqual([
      `platform.yaml:11:3: ${neitherNorBoth}`,
    ]);
    expect(inPlatform('acme-production', 'acme-production\n  context: c')).toEqual([
      'platform.yaml:11:3: cluster has a "context", which only a "kubeconfig" can have',
    ]);
  });

  test('a platform has at least one service, and no more than a Tenant can have', () => {
    const services = (count: number) =>
      GOOD_PLATFORM.replace(
        /services:\n( {2}.*\n)+/,
        `services: {${Array.from({ length: count }, (_, n) => `s${n}-x: {github: a/b, port: 1}`).join(', ')}}\n`,
      );
    expect(problems({ 'platform.yaml': services(0) })).toEqual([
      'platform.yaml:7:11: services must name at least one service',
    ]);
    expect(problems({ 'platform.yaml': services(65) })).toEqual([
      'platform.yaml:7:11: services must name at most 64 services, as many as a Tenant can have',
    ]);
  });

  const withRings = (written: string) => inPlatform('[canary, { name: general, unproven: allow }]', written);

  test('rings are named, each once', () => {
    expect(withRings('[]')).toEqual(['platform.yaml:14:8: rings must name at least one ring']);
    expect(withRings('[canary, canary]')).toEqual(['platform.yaml:14:8: rings names a ring twice']);
    expect(withRings('[canary, { name: canary }]')).toEqual(['platform.yaml:14:8: rings names a ring twice']);
    expect(withRings('[canary, General]')).toEqual([
      'platform.yaml:14:17: rings.1 must be lower-case letters, digits and "-", as Kubernetes names are',
    ]);
    expect(withRings('[canary, 1]')).toEqual([
      'platform.yaml:14:17: rings.1 must be the name of a ring, or a map such as { name: canary, bake: 10m }',
    ]);
    expect(withRings(`[${Array.from({ length: 33 }, (_, n) => `ring-${n}`)}]`)).toEqual([
      'platform.yaml:14:8: rings must name at most 32 rings',
    ]);
  });

  test.each([
    ['bake: 10', 40, 'bake must be a time such as 90s, 10m or 1h'],
    ['bake: 10d', 40, 'bake must be a time such as 90s, 10m or 1h'],
    ['bake: -1s', 40, 'bake must be a time such as 90s, 10m or 1h'],
    ['bake: true', 40, 'bake must be a time such as 90s, 10m or 1h'],
    ['bake: 169h', 40, 'bake must be at most a week (168h)'],
    ['atOnce: 0', 42, 'atOnce must be 1 or more'],
    ['atOnce: 1.5', 42, 'atOnce must be a number of tenants, or a share such as 10%'],
    ['atOnce: 10000', 42, 'atOnce must be at most 9999'],
    ['atOnce: 0%', 42, 'atOnce must be a number from 1 to 9999, or a share from 1% to 100%'],
    ['atOnce: 101%', 42, 'atOnce must be a number from 1 to 9999, or a share from 1% to 100%'],
    ['atOnce: []', 42, 'atOnce must be a number of tenants, or a share such as 10%'],
    ['unproven: Allow', 44, 'unproven must be hold or allow'],
  ])('a ring can not have %s', (written, column, message) => {
    expect(withRings(`[canary, { name: general, ${written} }]`)).toEqual([
      `platform.yaml:14:${column}: rings.1.${message}`,
    ]);
  });

  test('a ring that is a map is refused for what is wrong with the map', () => {
    expect(withRings('[canary, { name: general, unprovn: allow }]')).toEqual([
      'platform.yaml:14:34: unknown key "unprovn"; did you mean "unproven"?',
    ]);
    expect(withRings('[canary, { bake: 10m }]')).toEqual(['platform.yaml:14:17: rings.1.name is missing']);
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of Terraform's, not of ours
  test.each(['${path.root}', 'a%{ if true }'])('what Terraform would fill in is refused as text: %s', (text) => {
    const message = 'must not contain "${" or "%{", which Terraform would fill in';
    expect(inPlatform('eks: acme-production', `kubeconfig: k\n  context: "${text}"`)).toEqual([
      `platform.yaml:12:12: cluster.context ${message}`,
    ]);
    expect(inPlatform('eks: acme-production', `kubeconfig: "${text}"`)).toEqual([
      `platform.yaml:11:15: cluster.kubeconfig ${message}`,
    ]);
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}frozen: "${text}"\n` })).toEqual([
      `platform.yaml:15:9: frozen ${message}`,
    ]);
  });

  test.each([
    ['attempts: 0', 'attempts must be 1 or more'],
    ['attempts: 1001', 'attempts must be at most 1000'],
    ['attempts: 2.5', 'attempts must be a whole number'],
    ['interval: 0', 'interval must be 1 second or more'],
    ['interval: 301', 'interval must be at most 300 seconds'],
    ['interval: 5s', 'interval must be a whole number of seconds'],
  ])('tenants cannot be waited for with %s', (written, message) => {
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}verify: { ${written} }\n` })).toEqual([
      `platform.yaml:15:21: verify.${message}`,
    ]);
  });
});

describe('values of a tenant file', () => {
  test.each([
    'globex',
    'Globex.example.com',
    'globex.example.com.',
    'https://globex.example.com',
    '"*.example.com"',
    'globex_1.example.com',
    '-a.example.com',
    'a..b',
    '10.0.0.1',
    'bücher.example.com',
    `${'a'.repeat(64)}.example.com`,
  ])('%s is no host', (host) => {
    expect(problems({ 'tenants/globex.yaml': `host: ${host}\n` })).toEqual([
      'tenants/globex.yaml:1:7: host must be a DNS name in lower case, such as acme.example.com',
    ]);
  });

  test('a host longer than DNS allows is refused', () => {
    const host = `${`${'a'.repeat(49)}.`.repeat(5)}com`;
    expect(host).toHaveLength(253);
    expect(problems({ 'tenants/globex.yaml': `host: a${host}\n` })).toEqual([
      'tenants/globex.yaml:1:7: host must have at most 253 characters',
    ]);
  });

  test.each(['Globex', 'my-globex', '1globex', '""'])('%s is no name of a database', (name) => {
    expect(inTenant(`database: { name: ${name} }\n`)).toEqual([
      'tenants/globex.yaml:2:19: database.name must be lower-case letters, digits and "_"',
    ]);
  });

  test.each(['pg_globex', 'pg_', 'postgres', 'template1'])('%s is a database of PostgreSQL itself', (name) => {
    expect(inTenant(`database: { name: ${name} }\n`)).toEqual([
      'tenants/globex.yaml:2:19: database.name is a name that PostgreSQL keeps for itself: "pg_..." and those of its own databases are not allowed',
    ]);
  });

  test('an image that nobody tried is allowed or not, and nothing else', () => {
    expect(inTenant('unproven: true\n')).toEqual(['tenants/globex.yaml:2:11: unproven must be hold or allow']);
  });

  test('a database keeps its data or loses it, and nothing else', () => {
    expect(inTenant('database: { deletionPolicy: retain }\n')).toEqual([
      'tenants/globex.yaml:2:29: database.deletionPolicy must be Retain or Delete',
    ]);
  });

  test.each(['yes', '"true"', '1', 'null'])('%s does not decommission a tenant', (value) => {
    expect(inTenant(`decommission: ${value}\n`)).toEqual([
      'tenants/globex.yaml:2:15: decommission must be true or false',
    ]);
  });

  test('a tenant is suspended or not', () => {
    expect(inTenant('suspend: yes\n')).toEqual(['tenants/globex.yaml:2:10: suspend must be true or false']);
  });

  test.each([
    ['-1', '0 or more'],
    ['101', 'at most 100'],
    ['1.5', 'a number of pods, or a map such as { min: 2, max: 10, cpu: 80 }'],
    ['two', 'a number of pods, or a map such as { min: 2, max: 10, cpu: 80 }'],
  ])('a service cannot have %s replicas', (replicas, message) => {
    expect(inTenant(`services: { apiserver: { replicas: ${replicas} } }\n`)).toEqual([
      `tenants/globex.yaml:2:36: services.apiserver.replicas must be ${message}`,
    ]);
  });

  test.each([
    ['startupSeconds: 0', 42, 'startupSeconds must be 1 second or more'],
    ['startupSeconds: 2m', 42, 'startupSeconds must be a whole number of seconds'],
    ['startupSeconds: 3601', 42, 'startupSeconds must be at most 3600 seconds'],
    ['stopSeconds: -1', 39, 'stopSeconds must be 0 seconds or more'],
    ['stopSeconds: 3601', 39, 'stopSeconds must be at most 3600 seconds'],
  ])('a service cannot have %s', (written, column, message) => {
    expect(inTenant(`services: { apiserver: { ${written} } }\n`)).toEqual([
      `tenants/globex.yaml:2:${column}: services.apiserver.${message}`,
    ]);
  });

  test('a very long value is refused without being repeated', () => {
    const [line, ...others] = problems({ 'tenants/globex.yaml': `host: ${'a'.repeat(1_000_000)}\n` });
    expect(line).toBe('tenants/globex.yaml:1:7: host must be a DNS name in lower case, such as acme.example.com');
    expect(others).toEqual(['tenants/globex.yaml:1:7: host must have at most 253 characters']);
  });
});

test('every problem of every file comes at once, each with its place', () => {
  expect(
    problems({
      'platform.yaml': `${changed(GOOD_PLATFORM, 'port: 8080', 'prt: 8080')}colour: blue\n`,
      'tenants/globex.yaml': 'hots: globex.example.com\n',
      'tenants/hooli.yaml': 'host: hooli.example.com\nrelease: latest\nservices: { Web: {} }\n',
      'tenants/initech.yaml': 'host: initech.example.com\nhost: initech.example.org\n',
      'tenants/umbrella.yml': 'host: umbrella.example.com\n',
    }),
  ).toEqual([
    'platform.yaml:9:40: unknown key "prt"; did you mean "port"?',
    'platform.yaml:15:1: unknown key "colour"; known: name, release, github, branch, environment, after, registry, services, plans, operator, provenance, cluster, ingress, egress, quota, database, secretStore, state, rings, verify, tenants, frozen',
    'tenants/globex.yaml:1:1: host is missing',
    'tenants/globex.yaml:1:1: unknown key "hots"; did you mean "hosts"?',
    'tenants/hooli.yaml:2:10: release must be a release branch, such as releases/0.0.2',
    'tenants/hooli.yaml:3:13: "Web" must be lower-case letters, digits and "-", as Kubernetes names are',
    'tenants/initech.yaml:2:1: this key stands twice in the same map',
    'tenants/umbrella.yml: is not a tenant: a tenant is a file <name>.yaml. Rename it or move it elsewhere',
  ]);
});
