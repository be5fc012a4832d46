import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigurationError } from '../../lib/config/problem';
import type { Tenant } from '../../lib/config/tenant';
import { type Files, load } from '../config/configuration-files';

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,6}[a-z0-9])?$/);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
/** Mostly what is taken, so that many a configuration loads, and sometimes what lies at the edge or beyond. */
const mostly = <Value>(good: fc.Arbitrary<Value>, ...edges: readonly Value[]) =>
  fc.oneof({ weight: 15, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom(...edges) });
const release = mostly(
  fc.stringMatching(/^releases\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,6}[A-Za-z0-9]$/),
  `releases/${'r'.repeat(54)}`,
  `releases/${'r'.repeat(55)}`,
  'releases/a//b',
  'releases/.x',
);
const path = fc.oneof(
  fc.stringMatching(/^\/\.{0,2}[a-z~_-]{1,5}(\/[A-Za-z0-9.~_-]{1,4}){0,2}$/),
  fc.constantFrom('/', null),
);
/** Below the path of the service, as it must be. */
const below = mostly(
  fc.stringMatching(/^(\/([A-Za-z0-9_~!$&'()*+,;=:@-]|%[3-7][0-9AB]){1,4}){1,3}\/?$/),
  '',
  '/',
  '/%2e%2e/x',
  '//x',
  '/a?b',
  `/${'h'.repeat(1020)}`,
);
const variable = mostly(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/),
  'PORT',
  'PGHOST',
  '1A',
  'v'.repeat(128),
  'v'.repeat(129),
);
const secret = mostly(
  fc.stringMatching(/^[a-z0-9]{1,3}([-.][a-z0-9]{1,3}){0,2}\/[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,5}$/),
  'database/password',
  'tls/.',
  'tls/..x',
  'tls/.x',
  'tls',
  'a/b/c',
  `${'s'.repeat(253)}/${'k'.repeat(253)}`,
  `s/${'k'.repeat(254)}`,
);
const env = fc.dictionary(
  mostly(
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/),
    'PORT',
    'PGHOST',
    'PG_POOL',
    'A-B',
    'V'.repeat(128),
    'V'.repeat(129),
  ),
  mostly(
    fc.oneof(fc.string({ unit: 'binary', maxLength: 10 }), fc.double(), fc.boolean()),
    'x'.repeat(4096),
    'x'.repeat(4097),
    '$(HOST)',
    '$(X)',
    '$$(X)',
    '\0',
  ),
  { maxKeys: 3 },
);
const resources = fc.record(
  {
    cpu: mostly(fc.constantFrom('1m', '0.001', 0.5, 2, '999.999'), '0', '1k', 1000),
    memory: mostly(fc.constantFrom('1Mi', '512Mi', '99999Gi'), '1G'),
    memoryLimit: mostly(fc.constantFrom('1Gi', '512Mi', '99999Gi'), '511Mi'),
  },
  { requiredKeys: [] },
);
const words = fc.array(mostly(fc.string({ unit: 'binary', maxLength: 5 }), '', '\0', '$(PORT)', 'x'.repeat(4096)), {
  maxLength: 3,
});
const replicas = mostly<number | object>(
  fc.oneof(
    fc.constantFrom(0, 1, 100),
    fc.record({ min: fc.constantFrom(1, 2, 3), max: fc.constantFrom(3, 100), cpu: fc.constantFrom(1, 80, 1000) }),
    fc.record({ max: fc.constantFrom(1, 5) }),
  ),
  101,
  { min: 1 },
  { min: 4, max: 3 },
);
const volumes = fc.dictionary(
  mostly(label, 'tmp'),
  fc.record({
    path: mostly(fc.stringMatching(/^(\/[a-z0-9_-][a-z0-9._-]{0,3}){1,2}$/), '/tmp', '/a/../b', '/'),
    size: fc.constantFrom('1Mi', '99999Gi'),
  }),
  { maxKeys: 2 },
);
const role = mostly(
  fc.constantFrom('arn:aws:iam::123456789012:role/acme-{tenant}', 'arn:aws-cn:iam::123456789012:role/a/{service}'),
  'arn:aws:iam::123456789012:role/{region}',
  `arn:aws:iam::123456789012:role/${'r'.repeat(60)}{tenant}`,
);
const schedule = mostly(fc.constantFrom('0 3 * * *', '*/5 0-3,7 1 1-12/2 0-6'), '5-1 * * * *', '60 * * * *');
const job = fc.record(
  { schedule, timeZone: mostly(fc.constantFrom('Europe/Berlin', 'UTC', 'Etc/GMT+1'), 'europe/berlin', 'Mars/Olympus') },
  { requiredKeys: ['schedule'] },
);
const ingress = fc.record(
  {
    class: mostly(label, 'A'),
    issuer: mostly(label, 'a/b'),
    annotations: fc.dictionary(
      mostly(fc.stringMatching(/^[a-z]{1,3}\.[a-z]{1,3}\/[a-z]{1,3}$/), 'kubernetes.io/ingress.class', 'a/b/c'),
      mostly(fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.boolean()), '\0'),
      { maxKeys: 2 },
    ),
    from: fc.uniqueArray(mostly(fc.oneof(label, fc.constantFrom('10.0.0.0/16', '0.0.0.0/0')), '10.0.0.0/33'), {
      maxLength: 2,
    }),
  },
  { requiredKeys: [] },
);
const range = mostly(
  fc.constantFrom('10.20.0.0/16', '10.20.0.0/16:6379', '0.0.0.0/0', 'fd12::/16', '2a05:d014::/32:65535'),
  '10.0.0.1/8',
  '10.0.0.0/8:0',
);
const egress = mostly<readonly string[]>(
  fc.oneof(
    fc.constantFrom(['anywhere'], ['none'], ['internet', 'not 203.1.113.0/24'], ['169.254.170.23/32:80']),
    fc.uniqueArray(fc.oneof(label, range), { minLength: 1, maxLength: 3 }),
  ),
  [],
  ['tenant-a'],
  ['169.254.169.254/32'],
);
const quota = fc.record(
  {
    cpu: mostly(fc.constantFrom(999, '999999m', '0.5'), '0'),
    memory: fc.constantFrom('99999Gi', '1Mi'),
    pods: fc.constantFrom(10_000, 1),
  },
  { requiredKeys: [] },
);
const service = fc
  .record({
    github: fc.constant('acme/x'),
    port: optional(fc.oneof(fc.constantFrom(1, 65_535), fc.integer({ min: 1, max: 65_535 }))),
    path: optional(path),
    below: optional(fc.option(below)),
    replicas: optional(replicas),
    migrate: optional(words),
    jobSeconds: optional(fc.constantFrom(1, 86_400)),
    volumes: optional(volumes),
    role: optional(role),
    secrets: optional(fc.dictionary(variable, secret, { maxKeys: 3 })),
    resources: optional(resources),
    startupSeconds: optional(fc.constantFrom(1, 3600)),
    stopSeconds: optional(fc.constantFrom(0, 3600)),
    command: optional(words),
    args: optional(words),
    env: optional(env),
  })
  .map(({ below, port, path, ...rest }) => {
    const one = { ...rest, ...(port !== undefined && { port }), ...((port !== undefined || below === '') && { path }) };
    if (below === undefined || one.path === undefined) return one;
    return { ...one, healthPath: below === null ? null : `${one.path === '/' ? '' : (one.path ?? '')}${below}` };
  });
const ring = fc.record(
  {
    name: label,
    bake: fc.constantFrom(0, '0', '90s', '10m', '168h', '604800s'),
    atOnce: fc.constantFrom(1, 9999, '5', '1%', '100%'),
    unproven: fc.constantFrom('hold', 'allow'),
  },
  { requiredKeys: ['name'] },
);
const host = mostly(
  fc.stringMatching(/^([a-z0-9]{1,4}\.){1,3}[a-z][a-z0-9]{0,3}$/),
  '10.0.0.1',
  'a.b.0',
  `${`${'a'.repeat(49)}.`.repeat(5)}com`,
);
const database = fc.record(
  {
    name: mostly(fc.stringMatching(/^[a-oq-z_][a-z0-9_]{0,8}$/), 'pg_x', 'postgres', 'pgx', 'd'.repeat(63)),
    deletionPolicy: fc.constantFrom('Retain', 'Delete'),
    server: fc.constant('eu-2'),
    connectionLimit: fc.constantFrom(0, 20, 10_000),
    rotation: mostly(fc.constantFrom('2026-11', 'Q4_2026.b', 'x'.repeat(63)), '-', 'x'.repeat(64), ''),
  },
  { requiredKeys: [] },
);

interface Written {
  readonly files: Files;
}

const secretStore = fc.record(
  {
    name: mostly(label, 'Aws', 'a.b'),
    kind: fc.constantFrom('ClusterSecretStore', 'SecretStore'),
    path: mostly(
      fc.constantFrom('acme/{tenant}/{service}', '{service}.{tenant}'),
      '{tenant}',
      '{tenant}-{service}',
      '/{tenant}/{service}',
    ),
    refresh: fc.constantFrom('10s', '1h', '168h', '9s'),
  },
  { requiredKeys: ['name', 'path'] },
);

/** Files as people write them, with every key that becomes a part of a Tenant; some of them are refused. */
export const anyConfiguration: fc.Arbitrary<Written> = fc
  .record({
    services: fc.dictionary(label, service, { minKeys: 1, maxKeys: 3 }),
    rings: fc.uniqueArray(fc.oneof(label, ring), {
      minLength: 1,
      maxLength: 4,
      selector: (one) => (typeof one === 'string' ? one : one.name),
    }),
    release,
    job: optional(job),
    ingress: optional(ingress),
    egress: optional(egress),
    quota: optional(mostly(fc.constant<object>({ pods: 10_000, cpu: 999, memory: '99999Gi' }), { pods: 1 })),
    secretStore: optional(secretStore),
    tenants: fc.dictionary(
      mostly(label, 't'.repeat(56), 't'.repeat(57)),
      fc.record({
        host,
        ring: optional(fc.nat()),
        release: optional(release),
        unproven: optional(fc.constantFrom('hold', 'allow')),
        database: optional(database),
        egress: optional(egress),
        quota: optional(quota),
        suspend: optional(fc.boolean()),
        decommission: optional(fc.boolean()),
        hosts: optional(fc.array(host, { maxLength: 2 })),
        replicas: optional(fc.constantFrom(0, 3, 100)),
        secrets: optional(fc.dictionary(variable, secret, { maxKeys: 3 })),
        env: optional(env),
        resources: optional(resources),
      }),
      { minKeys: 1, maxKeys: 2 },
    ),
  })
  .map(({ services, rings, release, job, ingress, egress, quota, secretStore, tenants }) => {
    const platform = {
      name: 'acme',
      release,
      github: 'acme/platform',
      registry: { account: '123456789012', region: 'eu-central-1' },
      database: { servers: ['eu-2'], connectionLimit: 40, rotation: '2026-10' },
      ...(ingress && { ingress }),
      ...(egress && { egress }),
      ...(quota && { quota }),
      ...(secretStore && { secretStore }),
      services: Object.fromEntries(
        [...Object.entries(services), ...(job ? [['nightly-job', { github: 'acme/x', ...job }] as const] : [])].map(
          ([name, one]) => [name, { ...one, repository: `x/${name.replace(/-+/g, '-')}` }],
        ),
      ),
      cluster: { eks: 'acme' },
      state: { bucket: 'acme-state' },
      rings,
    };
    const names = rings.map((one) => (typeof one === 'string' ? one : one.name));
    const files = Object.entries(tenants).map(
      ([name, { ring, replicas, env, secrets, resources, ...tenant }]): [string, string] => {
        const [first] = Object.keys(services);
        const own = {
          services: {
            [first as string]: {
              ...(replicas !== undefined && { replicas }),
              ...(env && { env }),
              ...(secrets && { secrets }),
              ...(resources && { resources }),
            },
          },
        };
        const its = ring === undefined ? {} : { ring: names[ring % names.length] };
        return [`tenants/${name}.yaml`, stringify({ ...tenant, ...its, ...own })];
      },
    );
    return {
      files: { 'tenants/globex.yaml': null, 'platform.yaml': stringify(platform), ...Object.fromEntries(files) },
    };
  });

/** The tenants of a configuration; none of one that is refused. */
export function tenantsOf({ files }: Written): readonly Tenant[] {
  try {
    return load(files).tenants;
  } catch (error) {
    if (error instanceof ConfigurationError) return [];
    throw error;
  }
}
