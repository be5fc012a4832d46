import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadConfiguration } from '../../lib/config/load';
import { ConfigurationError, type Problem } from '../../lib/config/problem';
import { inFolder } from './configuration-files';

const ON_EKS = {
  name: 'acme',
  release: 'releases/0.0.2',
  github: 'acme/platform',
  branch: 'main',
  environment: 'production',
  registry: { account: '123456789012', region: 'eu-central-1', shared: true },
  services: {
    'web-client': {
      repository: 'acme/web',
      github: 'acme/web-client',
      port: 3000,
      path: '/',
      healthPath: '/v1/health',
      replicas: 1,
      secrets: { STRIPE_KEY: 'stripe/api-key' },
      resources: { cpu: 0.5, memory: '1Gi', memoryLimit: '2Gi' },
      startupSeconds: 60,
      stopSeconds: 0,
      command: ['node', 1],
      args: ['$(HOST)'],
      env: { LOG_LEVEL: 'info', URL: 'https://$(HOST)', RATE: 1.5, DEBUG: true },
    },
    worker: { github: 'acme/worker', port: 1, path: '/worker', healthPath: null },
  },
  plans: { small: { services: { worker: { replicas: 1, resources: { cpu: '20m' }, env: { TIER: 'small' } } } } },
  operator: { repository: 'acme/operator', release: 'releases/0.1' },
  database: { servers: ['eu-2'], connectionLimit: 40, rotation: '2026-10' },
  cluster: { eks: 'acme-production' },
  state: { bucket: 'acme-state', region: 'eu-west-1' },
  rings: ['canary', { name: 'general', bake: '10m', atOnce: 5, unproven: 'allow' }],
  verify: { attempts: 30, interval: 10 },
  tenants: 'tenants',
  frozen: 'lock.json',
};
const ON_KUBECONFIG = { ...ON_EKS, cluster: { kubeconfig: 'kubeconfig', context: 'deployer' } };
const TENANT = {
  host: 'globex.example.com',
  ring: 'canary',
  unproven: 'hold',
  release: 'releases/0.0.3',
  plan: 'small',
  services: {
    'web-client': {
      release: 'releases/0.0.4',
      replicas: 3,
      resources: { memoryLimit: '3Gi' },
      args: ['x'],
      env: { LOG_LEVEL: 'debug' },
      secrets: { SESSION_KEY: 'session/key' },
    },
    worker: {},
  },
  database: {
    name: 'legacy_globex',
    deletionPolicy: 'Delete',
    server: 'eu-2',
    connectionLimit: 20,
    rotation: '2026-11',
  },
  suspend: false,
  decommission: false,
};

const ANYTHING: readonly unknown[] = [
  null,
  [],
  {},
  0,
  -1.5,
  12345678901234567890n,
  Number.NaN,
  true,
  'x',
  '',
  '../missing',
  'a\u0000\n😀',
  'x'.repeat(300),
  [null],
  [{}],
  { x: 1 },
  { x: null },
  { '': {} },
  { constructor: {} },
];

type Tree = { readonly [key: string]: unknown } | readonly unknown[];
type Path = readonly string[];

/** What a person must never read: a JavaScript value, or words of the schema library. */
const NONSENSE = /undefined|\[object|function|NaN|Invalid|ZodError|expected|received|TypeError|stack/;

describe.each([
  ['a platform file', 'platform.yaml', ON_EKS, pathsIn(ON_EKS)],
  ['a platform file with a kubeconfig', 'platform.yaml', ON_KUBECONFIG, pathsIn(ON_KUBECONFIG).filter(isOfCluster)],
  ['a tenant file', 'tenants/globex.yaml', TENANT, pathsIn(TENANT)],
])('in %s', (_, file, good, paths) => {
  test('every value that is good is accepted', () => {
    expect(problemsWith(file, good)).toEqual([]);
  });

  test.each(paths.map((path) => [path.join('.'), path] as const))(
    'any value at all in place of %s is accepted, or refused in words and on its line',
    (_, path) => {
      const refused = ANYTHING.filter((value) => {
        const tree = replaced(good, path, value);
        const text = stringify(tree);
        const problems = problemsWith(file, tree);
        for (const problem of problems) expectSense(problem, file, text, path);
        return problems.length > 0;
      });
      expect(refused.length).toBeGreaterThan(0);
    },
  );

  test.each(paths.map((path) => [path.join('.'), path] as const))(
    'without %s it loads, or says what is missing',
    (_, path) => {
      const problems = problemsWith(file, without(good, path));
      for (const { message } of problems) expect(message).not.toMatch(NONSENSE);
    },
  );

  test.each(
    [[], ...paths.filter((path) => isMap(at(good, path)) && !['env', 'secrets'].includes(String(path.at(-1))))].map(
      (path) => [path.join('.'), path],
    ),
  )('a key that nobody knows in "%s" is refused on its line', (_, path) => {
    const tree = replaced(good, [...path, 'Nobody_knows'], {});
    const line = stringify(tree)
      .split('\n')
      .findIndex((text) => text.includes('Nobody_knows'));
    expect(problemsWith(file, tree)).toContainEqual(
      expect.objectContaining({ line: line + 1, message: expect.stringContaining('"Nobody_knows"') }),
    );
  });

  test.each(ANYTHING.map((value) => [stringify(value).trimEnd().slice(0, 40), value]))(
    'the file as %j alone is refused',
    (_, value) => {
      const problems = problemsWith(file, value as Tree);
      expect(problems.length).toBeGreaterThan(0);
      for (const { message } of problems) expect(message).not.toMatch(NONSENSE);
    },
  );
});

/** Every path to a value: `services`, `services.web-client`, `services.web-client.port` ... */
function pathsIn(tree: unknown, prefix: Path = []): Path[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => [[...prefix, key], ...pathsIn(value, [...prefix, key])]);
}

function isOfCluster(path: Path): boolean {
  return path[0] === 'cluster';
}

function at(tree: unknown, path: Path): unknown {
  return path.reduce((here, key) => (here as Record<string, unknown>)[key], tree);
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function replaced(tree: Tree, path: Path, value: unknown): Tree {
  const copy = structuredClone(tree);
  const parent = at(copy, path.slice(0, -1)) as Record<string, unknown>;
  parent[path.at(-1) as string] = value;
  return copy;
}

function without(tree: Tree, path: Path): Tree {
  const copy = structuredClone(tree);
  const parent = at(copy, path.slice(0, -1)) as Record<string, unknown>;
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
  else delete parent[path.at(-1) as string];
  return copy;
}

/** The problems of a good configuration in which one file holds `tree`; anything but a ConfigurationError fails the test. */
function problemsWith(file: string, tree: Tree): readonly Problem[] {
  const files = { 'platform.yaml': stringify(ON_EKS), 'tenants/globex.yaml': stringify(TENANT) };
  return inFolder(files, (folder) => {
    writeFileSync(join(folder, file), stringify(tree));
    try {
      loadConfiguration(join(folder, 'platform.yaml'));
      return [];
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems;
      throw error;
    }
  });
}

function expectSense({ file, line, column, message }: Problem, changed: string, text: string, path: Path): void {
  expect(message).not.toMatch(NONSENSE);
  expect(message.length).toBeLessThan(500);
  if (line === undefined) return;
  expect(column).toBeGreaterThanOrEqual(1);
  if (!file.endsWith(changed)) return;
  const lines = text.split('\n');
  const first = lineOf(lines, path);
  const after = lines.findIndex((other, n) => n > first && indentation(other) <= indentation(lines[first] ?? ''));
  expect(line - 1).toBeGreaterThanOrEqual(first);
  expect(line - 1).toBeLessThan(after === -1 ? lines.length : after);
}

/** The line of a value in what `stringify` writes: a key or an item a line, indented below what it belongs to. */
function lineOf(lines: readonly string[], path: Path): number {
  return path.reduce((above, key, depth) => {
    const item = /^\d+$/.test(key);
    // The first key of an item that is a map stands behind its dash.
    if (!item && lines[above]?.startsWith(`${'  '.repeat(depth - 1)}- ${key}:`)) return above;
    const start = `${'  '.repeat(depth)}${item ? '- ' : `${key}:`}`;
    const found = lines.flatMap((line, n) => (n > above && line.startsWith(start) ? [n] : []));
    return found[item ? Number(key) : 0] ?? Number.NaN;
  }, -1);
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}
