import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { z } from 'zod';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { DEFINITION_FILE, definitionText } from '../../lib/tenant/definition';
import { destination, egress, MOST_OF_EGRESS } from '../../lib/tenant/egress';
import { env, variableName } from '../../lib/tenant/env';
import { annotationName, ingress, ingressClass, issuer, source } from '../../lib/tenant/ingress';
import {
  commitSha,
  databaseName,
  deletionPolicy,
  host,
  imageReference,
  jobSeconds,
  portOrNone,
  release,
  replicas,
  ringName,
  serviceName,
  startupSeconds,
  stopSeconds,
  targetCpu,
  tenantName,
} from '../../lib/tenant/names';
import { healthPath, orNone, servicePath } from '../../lib/tenant/paths';
import { quota } from '../../lib/tenant/quota';
import { cpu, memory, resources } from '../../lib/tenant/resources';
import { roleArn } from '../../lib/tenant/role';
import { atOnce, bakeSeconds } from '../../lib/tenant/rollout';
import { schedule, timeZone } from '../../lib/tenant/schedule';
import { NO_STORE, refreshSeconds, STORE_KINDS, secretPath, storeKind, storeName } from '../../lib/tenant/secret-store';
import { MOST_SECRETS, secretKey, secretName, secretVariables } from '../../lib/tenant/secrets';
import { type TenantSpec, tenantService, tenantSpec } from '../../lib/tenant/spec';
import { volumeName, volumePath, volumes } from '../../lib/tenant/volumes';
import { word, words } from '../../lib/tenant/words';
import { ALL } from '../operator/extent';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { anyConfiguration, tenantsOf } from './any-configuration';
import { ApiServer, TENANTS } from './api-server';

const EARLIER = parse(readFileSync(join(__dirname, 'definition-before-rollout.yaml'), 'utf8'));
const NOW = parse(readFileSync(DEFINITION_FILE, 'utf8'));

let server: ApiServer;

beforeAll(async () => {
  server = await ApiServer.start();
  await server.define(EARLIER, earlier('probe'));
}, 15 * 60_000);

afterAll(() => server?.stop());

test('the committed definition is what the program generates', () => {
  if (readFileSync(DEFINITION_FILE, 'utf8') !== definitionText()) {
    throw new Error('operator/deploy/crd.yaml is not what the program generates: run npm run schemas');
  }
});

const manifest = (name: string, changes: Parameters<typeof tenant>[2] = {}) => {
  const one = tenant(name, 'general', changes);
  return tenantManifest(one, imagesFor([one]));
};

const FIRST_FIELDS = ['name', 'image', 'commit', 'release', 'port', 'path', 'healthPath', 'replicas'];

/** As it was written before: no rollout, no path where there is none, and nothing that came later. */
function earlier(name: string) {
  const { spec, ...rest } = manifest(name);
  const { host, ring, release, decommission, database, services } = spec;
  const fewer = services.map((service) =>
    Object.fromEntries(Object.entries(service).filter(([key, value]) => FIRST_FIELDS.includes(key) && value !== '')),
  );
  return { ...rest, spec: { host, ring, release, decommission, database, services: fewer } };
}

describe('a Tenant from before there was a rollout', () => {
  beforeAll(async () => {
    expect((await server.apply(earlier('amber'))).status).toBe(201);
    expect((await server.apply(earlier('birch'))).status).toBe(201);
    const { body } = await server.request('GET', `${TENANTS}/birch`);
    const added = { ...body.spec.services[0], name: 'added', path: '/added' };
    const [api, worker] = body.spec.services;
    const services = [api, { ...worker, path: '/by-hand' }, added];
    expect((await server.patch('birch', { spec: { services } })).status).toBe(200);
    await server.define(NOW, manifest('probe'));
  });

  test('is as valid as it was', async () => {
    expect(tenantSpec.safeParse(earlier('amber').spec).error).toBeUndefined();
    expect((await server.dryRun(earlier('coral'))).status).toBe(201);
    expect((await server.patch('amber', { metadata: { annotations: { seen: 'yes' } } })).status).toBe(200);
    expect((await server.patch('amber', { spec: { ring: 'canary' } })).status).toBe(200);
    const status = await server.request(
      'PATCH',
      `${TENANTS}/amber/status`,
      { status: { observedGeneration: 1 } },
      'application/merge-patch+json',
    );
    expect(status.status).toBe(200);
  });

  test('is brought over by the next apply, which takes away what somebody added by hand meanwhile', async () => {
    const wanted = manifest('birch');
    expect((await server.apply(wanted)).status).toBe(200);
    expect((await server.request('GET', `${TENANTS}/birch`)).body.spec).toEqual(wanted.spec);
  });
});

describe('what somebody writes into a Tenant by hand', () => {
  const wanted = manifest('delta');
  const [api, worker] = wanted.spec.services;

  beforeAll(async () => {
    expect((await server.apply(wanted)).status).toBe(201);
  });

  test.each([
    ['a service', { services: [api, worker, { ...worker, name: 'added' }] }],
    ['a path', { services: [api, { ...worker, path: '/by-hand' }] }],
    ['a secret', { services: [api, { ...worker, secrets: [{ name: 'A', secret: 'stripe', key: 'k' }] }] }],
    ['one service less', { services: [api] }],
    ['that it is suspended', { suspend: true }],
    ['no rollout', { rollout: null }],
    ['no ring to wait for', { rollout: { ...wanted.spec.rollout, after: [] } }],
    ['a variable', { services: [{ ...api, env: [{ name: 'X', value: 'by hand' }] }, worker] }],
    ['another fate of the database', { database: { ...wanted.spec.database, deletionPolicy: 'Delete' } }],
  ])('%s, is put back by the next apply', async (_, spec) => {
    expect((await server.patch('delta', { spec })).status).toBe(200);
    expect((await server.apply(wanted)).status).toBe(200);
    expect((await server.request('GET', `${TENANTS}/delta`)).body.spec).toEqual(wanted.spec);
  });

  test.each([
    ['another database', { database: { ...wanted.spec.database, name: 'other' } }, 'never changes'],
    ['two services of one name', { services: [api, api] }, 'each service needs a name of its own'],
    [
      'two variables of one name',
      { services: [{ ...api, env: ['1', '2'].map((value) => ({ name: 'X', value })) }] },
      'Duplicate value',
    ],
    ['a ring that waits for itself', { ring: 'canary' }, 'can not wait for its own ring'],
  ])('%s, is refused', async (_, spec, why) => {
    const { status, body } = await server.patch('delta', { spec });
    expect(status).toBe(422);
    expect(body.message).toContain(why);
  });
});

/** Texts that a pattern takes, and the same with something wrong at one place. */
function near(pattern: RegExp): fc.Arbitrary<string> {
  const good = fc.stringMatching(pattern);
  const odd = fc.constantFrom(
    '',
    '.',
    '..',
    '/',
    '//',
    '-',
    '_',
    '%',
    '%2e',
    '%2F',
    '\\',
    ' ',
    '\n',
    'ü',
    '\u2028',
    'A',
    '$',
    '{',
    '1',
    '@',
    ':',
    '\0',
  );
  const spoilt = fc.tuple(good, fc.nat(), odd).map(([text, at, what]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + what + text.slice(place);
  });
  const long = fc
    .tuple(good, fc.integer({ min: 1, max: 300 }))
    .map(([text, times]) => text.repeat(times).slice(0, 1100));
  return fc.oneof(good, spoilt, long, fc.string({ unit: 'binary', maxLength: 20 }));
}

function numbersNear(low: number, high: number): fc.Arbitrary<unknown> {
  const about = (n: number) => fc.integer({ min: n - 2, max: n + 2 });
  const others = fc.constantFrom(0.5, 2 ** 31, 2 ** 53, -(2 ** 40), '1', true);
  return fc.oneof(about(low), about(high), fc.integer({ min: low, max: high }), others);
}

type Change = (value: never) => { readonly name?: unknown; readonly spec?: object };
const base = manifest('echo').spec;
const [apiserver] = base.services as [TenantSpec['services'][number]];
const ofService =
  (field: string): Change =>
  (value) => ({ spec: { services: [{ ...apiserver, [field]: value }] } });
const STRIPE = { name: 'STRIPE_KEY', secret: 'stripe', key: 'api-key' };
const ofSecret =
  (field: keyof typeof STRIPE): Change =>
  (value) =>
    ofService('secrets')([{ ...STRIPE, [field]: value }] as never);
const withVariables = (env: unknown) => ({ spec: { services: [{ ...apiserver, env }] } });
const after = (ring: unknown, seconds: unknown) => ({
  spec: { rollout: { ...base.rollout, after: [{ ring, bakeSeconds: seconds }] } },
});

const mapped = (fixed: object) =>
  Object.fromEntries(Object.entries(fixed).map(([key, value]) => [key, fc.constant(value)]));

const LABEL = /^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/;
const LEAVES: [string, z.ZodType, Change, fc.Arbitrary<unknown>, readonly unknown[]][] = [
  ['the name of a tenant', tenantName, (name) => ({ name }), near(LABEL), ['a'.repeat(56), 'a'.repeat(57), 'a.b']],
  [
    'a host',
    host,
    (value) => ({ spec: { host: value } }),
    near(/^([a-z0-9-]{1,5}\.){1,3}[a-z0-9]{1,4}$/),
    ['10.0.0.1', 'localhost', 'a.b', '*.a.b', `${`${'a'.repeat(49)}.`.repeat(5)}com`],
  ],
  ['a ring', ringName, (ring) => ({ spec: { ring } }), near(LABEL), ['a'.repeat(63), 'a'.repeat(64)]],
  ['an earlier ring', ringName, (ring) => after(ring, 0), near(LABEL), ['a'.repeat(64)]],
  ['a bake time', bakeSeconds, (seconds) => after('canary', seconds), numbersNear(0, 604_800), []],
  [
    'how many at once',
    atOnce,
    (value) => ({ spec: { rollout: { ...base.rollout, atOnce: value } } }),
    near(/^[0-9]{1,4}%?$/),
    ['0', '0%', '100%', '101%', '1%%', '9999', '10000', 5],
  ],
  [
    'a release',
    release,
    (value) => ({ spec: { release: value } }),
    near(/^releases\/[A-Za-z0-9._/-]{0,8}$/),
    [`releases/${'a'.repeat(54)}`, `releases/${'a'.repeat(55)}`, 'main'],
  ],
  [
    'the release of a service',
    release,
    ofService('release'),
    near(/^releases\/[A-Za-z0-9._/-]{0,8}$/),
    [`releases/${'a'.repeat(55)}`],
  ],
  [
    'a database',
    databaseName,
    (name) => ({ spec: { database: { ...base.database, name } } }),
    near(/^(pg_)?[a-z_][a-z0-9_]{0,6}$/),
    ['pg_', 'pg_x', 'postgres', 'template0', 'template1', 'template2', 'a'.repeat(63), 'a'.repeat(64)],
  ],
  [
    'the fate of a database',
    deletionPolicy,
    (value) => ({ spec: { database: { ...base.database, deletionPolicy: value } } }),
    fc.constantFrom('Retain', 'Delete', 'retain', '', 1),
    [],
  ],
  [
    'the name of a service',
    serviceName,
    ofService('name'),
    near(/^[a-z][-a-z0-9]{0,8}$/),
    ['operator', 'operators', '1a', 'a'.repeat(63), 'a'.repeat(64)],
  ],
  [
    'an image',
    imageReference,
    ofService('image'),
    near(/^[a-z0-9./:-]{1,9}@sha256:[0-9a-f]{64}$/),
    [
      `\${x}@sha256:${'a'.repeat(64)}`,
      `${'a'.repeat(441)}@sha256:${'a'.repeat(64)}`,
      `${'a'.repeat(440)}@sha256:${'a'.repeat(64)}`,
    ],
  ],
  ['a commit', commitSha, ofService('commit'), near(/^[0-9a-f]{39,41}$/), []],
  [
    'a port',
    portOrNone,
    (port) => ({ spec: { services: [{ ...apiserver, port, path: '', healthPath: '' }] } }),
    numbersNear(0, 65_535),
    [],
  ],
  [
    'a path without a port',
    tenantService,
    (service) => ({ spec: { services: [service] } }),
    fc.record({
      ...mapped(apiserver),
      port: fc.constantFrom(0, 1),
      path: fc.constantFrom('', '/a'),
      healthPath: fc.constantFrom('', '/a'),
    }),
    [],
  ],
  ['a number of pods', replicas, ofService('replicas'), numbersNear(0, 100), []],
  [
    'the name of a variable',
    variableName,
    (name) => withVariables([{ name, value: '' }]),
    near(/^(PG)?[A-Za-z_][A-Za-z0-9_]{0,6}$/),
    ['PORT', 'PORTS', 'HOST', 'PG', 'PGX', 'PG_X', 'PGCONNECT_TIMEOUT', 'A'.repeat(128), 'A'.repeat(129)],
  ],
  [
    'the value of a variable',
    word,
    (value) => withVariables([{ name: 'X', value }]),
    near(/^[\s\S]{0,6}$/),
    ['', '\0', 'x'.repeat(4096), 'x'.repeat(4097), '$(X)', 5, true, null],
  ],
  ['seconds to start', startupSeconds, ofService('startupSeconds'), numbersNear(1, 3600), []],
  ['seconds to stop', stopSeconds, ofService('stopSeconds'), numbersNear(0, 3600), []],
  [
    'an amount of CPU',
    cpu,
    (cpu) => ofService('resources')({ cpu, memory: '1Mi', memoryLimit: '1Mi' } as never),
    near(/^[0-9]{1,3}(\.[0-9]{0,4}|m)?$/),
    ['0', '0.0', '0.001', '0.0001', '0.01', '0.1', '999999m', '1000000m', '999.999', 1],
  ],
  [
    'an amount of memory',
    memory,
    (memory) => ofService('resources')({ cpu: '1', memory, memoryLimit: '99999Gi' } as never),
    near(/^[0-9]{1,5}(Mi|Gi|M|G)?$/),
    ['0Mi', '99999Gi', '100000Mi', '1.5Gi', 512],
  ],
  [
    'memory and its limit',
    resources,
    ofService('resources'),
    fc.record({
      cpu: fc.constant('1'),
      memory: fc.constantFrom('1Gi', '1024Mi', '1025Mi', '99Gi'),
      memoryLimit: fc.constantFrom('1Gi', '1024Mi', '1023Mi', '100Gi'),
    }),
    [],
  ],
  [
    'a command',
    words,
    ofService('command'),
    fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constant(1)), { maxLength: 3 }),
    [64, 65].map((count) => Array.from({ length: count }, () => '')),
  ],
  ['arguments', words, ofService('args'), fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }), [['\0']]],
  [
    'variables',
    env,
    withVariables,
    fc.array(fc.record({ name: fc.constantFrom('A', 'B', 'C', 'D', 'E'), value: fc.constant('x') }), { maxLength: 4 }),
    [64, 65].map((count) => Array.from({ length: count }, (_, n) => ({ name: `V${n}`, value: 'x' }))),
  ],
  [
    'a path',
    orNone(servicePath),
    ofService('path'),
    near(/^(\/[A-Za-z0-9._~-]{0,4}){1,3}$/),
    ['/', '/.', '/..a', '/a/..', `/${'a'.repeat(254)}`, `/${'a'.repeat(255)}`],
  ],
  [
    'a health path',
    orNone(healthPath),
    ofService('healthPath'),
    near(/^(\/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}){0,4}){1,3}$/),
    [
      '/',
      '/%2e%2e/x',
      '/a%2Fb',
      '/a%5cb',
      '/%2',
      '//a',
      '/a//b',
      '/a/',
      '/a?b',
      '/a\\b',
      `/${'a'.repeat(1023)}`,
      `/${'a'.repeat(1024)}`,
    ],
  ],
  [
    'the name of a variable',
    variableName,
    ofSecret('name'),
    near(/^(PORT|TENANT|HOST|GIT_SHA|PG[A-Z]{0,4}|[A-Za-z_][A-Za-z0-9_]{0,5})$/),
    ['PORT', 'PORTS', 'PG', 'PGHOST', 'pghost', 'MY_PGHOST', '1A', 'A-B', 'a'.repeat(128), 'a'.repeat(129)],
  ],
  [
    'the name of a Secret',
    secretName,
    ofSecret('secret'),
    near(/^([a-z0-9-]{1,4}\.){0,2}[a-z0-9-]{1,5}$/),
    ['database', 'databases', 'tenantry-credentials', 'a.b', 'a..b', '-a', 'A', 'a'.repeat(253), 'a'.repeat(254)],
  ],
  [
    'a key of a Secret',
    secretKey,
    ofSecret('key'),
    near(/^[-._a-zA-Z0-9]{1,6}$/),
    ['.', '..', '..a', '.a', 'a.', '...', 'a'.repeat(253), 'a'.repeat(254)],
  ],
  [
    'variables from Secrets',
    secretVariables,
    ofService('secrets'),
    fc.array(
      fc.constantFrom('A', 'B', 'C').map((name) => ({ ...STRIPE, name })),
      { maxLength: 3 },
    ),
    [MOST_SECRETS, MOST_SECRETS + 1].map((length) => Array.from({ length }, (_, n) => ({ ...STRIPE, name: `A${n}` }))),
  ],
];

const CIDR = /^([0-9]{1,3}\.){3}[0-9]{1,3}\/[0-9]{1,2}$/;
const range6 = fc.tuple(fc.ipV6(), fc.nat(140)).map(([address, length]) => `${address}/${length}`);
const ofIngress =
  (field: keyof NonNullable<typeof base.ingress>): Change =>
  (value) => ({ spec: { ingress: { ...base.ingress, [field]: value } } });
const ofVolume =
  (field: 'name' | 'path' | 'size'): Change =>
  (value) =>
    ofService('volumes')([{ name: 'cache', path: '/cache', size: '1Gi', [field]: value }] as never);

const ofStore =
  (field: keyof typeof NO_STORE): Change =>
  (value) => ({ spec: { secretStore: { ...NO_STORE, [field]: value } } });

LEAVES.push(
  [
    'the name of a secret store',
    orNone(storeName),
    ofStore('name'),
    fc.stringMatching(/^[a-zA-Z0-9.-]{0,4}$/),
    ['', 'aws', 'a..b', 'a'.repeat(253), 'a'.repeat(254)],
  ],
  ['the kind of a secret store', storeKind, ofStore('kind'), fc.constantFrom(...STORE_KINDS, 'secretstore'), ['']],
  ['how often a store is asked', refreshSeconds, ofStore('refreshSeconds'), numbersNear(10, 604_800), []],
  [
    'a path in a secret store',
    orNone(secretPath),
    (path) => ({ spec: { secretStore: { ...NO_STORE, name: 'aws' }, services: [{ ...apiserver, secretPath: path }] } }),
    fc.stringMatching(/^[a-zA-Z0-9/_+=.@:{ -]{0,5}$/),
    ['', 'acme/globex/apiserver', 'a'.repeat(512), 'a'.repeat(513), '/a', 'a/', 'a:'],
  ],
  [
    'a number of pods with a most',
    tenantService,
    (service) => ({ spec: { services: [service] } }),
    fc.record({
      ...mapped(apiserver),
      replicas: fc.integer({ min: 0, max: 3 }),
      maxReplicas: fc.integer({ min: 0, max: 3 }),
    }),
    [],
  ],
  ['how busy pods are', targetCpu, ofService('targetCpu'), numbersNear(1, 1000), []],
  ['seconds of a Job', jobSeconds, ofService('jobSeconds'), numbersNear(1, 86_400), []],
  ['a migration', words, ofService('migrate'), fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }), [['\0']]],
  [
    'a schedule',
    orNone(schedule),
    (schedule) => ({
      spec: { services: [{ ...apiserver, port: 0, path: '', healthPath: '', replicas: 0, schedule }] },
    }),
    near(/^(\*|[0-9]{1,2}(-[0-9]{1,2})?)(\/[0-9]{1,2})?( (\*|[0-9]{1,2}(-[0-9]{1,2})?)(\/[0-9]{1,2})?){4}$/),
    [
      '* * * * *',
      '*/5 0-3,7 1 1-12/2 0-6',
      '60 * * * *',
      '* 24 * * *',
      '* * 0 * *',
      '* * * 13 *',
      '* * * * 7',
      '5-1 * * * *',
      '0 3-10 * * *',
      '0 0 9-10 * *',
      '10-9/2 * * * *',
      '*/0 * * * *',
      '@daily',
      '0 3 * *',
    ],
  ],
  [
    'a service with a schedule',
    tenantService,
    (service) => ({ spec: { services: [service] } }),
    fc.record({
      ...mapped(apiserver),
      path: fc.constant(''),
      healthPath: fc.constant(''),
      schedule: fc.constantFrom('', '0 3 * * *'),
      port: fc.constantFrom(0, 1),
      replicas: fc.constantFrom(0, 1),
      maxReplicas: fc.constantFrom(0, 5),
      migrate: fc.constantFrom([], ['a']),
    }),
    [],
  ],
  [
    'a time zone',
    timeZone,
    ofService('timeZone'),
    near(/^[A-Z][a-z]{0,5}(\/[A-Z][a-z_]{0,5})?$/),
    ['Etc/UTC', 'UTC', 'Etc/GMT+1', '', 'Local', 'Locals', 'local', 'A'.repeat(65)],
  ],
  [
    'a role',
    orNone(roleArn),
    ofService('role'),
    near(/^arn:aws(-cn)?:iam::[0-9]{12}:role\/[A-Za-z/_-]{0,5}$/),
    [
      `arn:aws:iam::123456789012:role/${'r'.repeat(64)}`,
      `arn:aws:iam::123456789012:role/${'r'.repeat(65)}`,
      'arn:aws:iam::1:role/x',
    ],
  ],
  [
    'the name of a volume',
    volumeName,
    ofVolume('name'),
    near(LABEL),
    ['tmp', 'tmp1', 'aws-iam-token', 'a'.repeat(63), 'a'.repeat(64)],
  ],
  [
    'the path of a volume',
    volumePath,
    ofVolume('path'),
    near(/^(\/[A-Za-z0-9._-]{0,5}){1,3}$/),
    ['/', '/tmp', '/tmp/x', '/tmpx', '/proc/1', '/a:b', '/..', '/a/../b', `/${'a'.repeat(254)}`, `/${'a'.repeat(255)}`],
  ],
  ['the size of a volume', memory, ofVolume('size'), near(/^[0-9]{1,5}(Mi|Gi|M)?$/), []],
  [
    'volumes',
    volumes,
    ofService('volumes'),
    fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        path: fc.constantFrom('/a', '/b', '/c'),
        size: fc.constant('1Gi'),
      }),
      { maxLength: 3 },
    ),
    [16, 17].map((length) => Array.from({ length }, (_, n) => ({ name: `v${n}`, path: `/v${n}`, size: '1Gi' }))),
  ],
  [
    'further hosts',
    z
      .array(host)
      .max(32)
      .refine((hosts) => new Set(hosts).size === hosts.length),
    (hosts) => ({ spec: { hosts } }),
    fc.array(fc.constantFrom('a.b', 'b.c', 'c'), { maxLength: 3 }),
    [32, 33].map((length) => Array.from({ length }, (_, n) => `h${n}.example.com`)),
  ],
  [
    'an IngressClass',
    orNone(ingressClass),
    ofIngress('class'),
    near(/^([a-z0-9-]{1,4}\.){0,2}[a-z0-9-]{1,5}$/),
    ['a'.repeat(254)],
  ],
  [
    'an issuer',
    orNone(issuer),
    ofIngress('issuer'),
    near(/^([a-z0-9-]{1,4}\.){0,2}[a-z0-9-]{1,5}$/),
    ['a'.repeat(254)],
  ],
  [
    'the name of an annotation',
    annotationName,
    (name) => ofIngress('annotations')([{ name, value: '' }] as never),
    near(/^([a-z0-9-]{1,4}\.[a-z0-9]{1,3}\/)?[A-Za-z0-9._-]{1,5}$/),
    [
      'kubernetes.io/ingress.class',
      'cert-manager.io/issuer',
      'cert-manager.io/cluster-issuer',
      'cert-manager.io/issuer-kind',
      'cert-manager.io/issuer-kinds',
      'acme.cert-manager.io/http01-edit-in-place',
      'tenantry.dev/x',
      'a.tenantry.dev/x',
      'x/y/z',
      `a/${'b'.repeat(63)}`,
      `a/${'b'.repeat(64)}`,
    ],
  ],
  [
    'annotations',
    ingress,
    (ingress) => ({ spec: { ingress } }),
    fc
      .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })
      .map((names) => ({ ...base.ingress, annotations: names.map((name) => ({ name, value: 'x' })) })),
    [],
  ],
  [
    'whom is let in',
    source,
    (one) => ofIngress('from')([one] as never),
    fc.oneof(near(LABEL), near(CIDR), range6),
    [
      '10.0.0.1/8',
      'fd00::/129',
      'fd00::1::/64',
      '1:2:3:4:5:6:7::/128',
      '1:2:3:4:5:6:7:8::/128',
      '::ffff:10.0.0.0/104',
      '10.0.0.0/8',
      '10.0.0.0/33',
      '256.0.0.0/8',
      '10.0.0/8',
      '01.0.0.0/8',
      '::/0',
      '0.0.0.0/0',
      'tenant-x',
      'tenants',
      'a'.repeat(63),
      'a'.repeat(64),
    ],
  ],
  [
    'what pods may connect to',
    destination,
    (one) => ({ spec: { egress: [one as string] } }),
    fc.oneof(
      near(LABEL),
      near(CIDR),
      range6,
      fc
        .tuple(fc.constantFrom('not ', ''), near(CIDR), fc.constantFrom(':', ''), fc.nat(70_000))
        .map((all) => all.join('')),
    ),
    [
      'internet',
      'none',
      '10.0.0.0/8:1',
      '10.0.0.0/8:65535',
      '10.0.0.0/8:65536',
      '10.0.0.0/8:0',
      'not 10.0.0.0/8',
      'not 10.0.0.0/8:80',
      'not monitoring',
      'fd00::/8:443',
      'tenant-x',
      'tenants',
      '169.254.169.254/32',
      '169.254.169.254/32:80',
      '169.254.169.254/31',
      '169.254.170.23/32:80',
      'fd00:ec2::254/128',
    ],
  ],
  [
    'all that pods may connect to',
    egress,
    (egress) => ({ spec: { egress } }),
    fc.array(fc.constantFrom('internet', 'internet', 'a'), { maxLength: 3 }),
    [MOST_OF_EGRESS, MOST_OF_EGRESS + 1].map((length) => Array.from({ length }, () => 'internet')),
  ],
  [
    'a quota',
    quota,
    (quota) => ({ spec: { quota } }),
    fc.record({
      cpu: fc.constantFrom('', '1', '0', '0.5', '999999m', '1000', '1k'),
      memory: fc.constantFrom('', '1Mi', '99999Gi', '100000Gi', '1G', '0Mi'),
      pods: fc.constantFrom(-1, 0, 1, 0.5, 10_000, 10_001),
    }),
    [],
  ],
);

test.each(LEAVES)('the API server takes %s exactly where the files do', async (_, schema, change, values, examples) => {
  await server.define(NOW, manifest('probe'));
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const { name = 'echo', spec = {} } = change(value as never);
      const { status, body } = await server.dryRun({
        ...manifest('echo'),
        metadata: { name },
        spec: { ...base, ...spec },
      });
      const answer = [201, 400, 422].includes(status) ? status === 201 : body;
      expect({ value, taken: answer }).toEqual({ value, taken: schema.safeParse(value).success });
    }),
    { numRuns: ALL ? 300 : 60, endOnFailure: true, examples: examples.map((example) => [example]) },
  );
});

test('whatever the loader takes, the API server takes', async () => {
  await server.define(NOW, manifest('probe'));
  await fc.assert(
    fc.asyncProperty(anyConfiguration, async (written) => {
      const tenants = tenantsOf(written);
      // Most of what is written is refused. That is no run, and another is tried.
      fc.pre(tenants.length > 0);
      for (const one of tenants) {
        const { status, body } = await server.dryRun(tenantManifest(one, imagesFor([one])));
        expect([status, body.message]).toEqual([201, undefined]);
      }
    }),
    { numRuns: 20, maxSkipsPerRun: 1_000, endOnFailure: true },
  );
});
