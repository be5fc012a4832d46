import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../local/processes/run';
import { checkPrerequisites } from '../../local/programs/prerequisites';
import { pythonEnvironment } from '../../local/programs/python-environment';
import { GOOD_PLATFORM, load } from '../config/configuration-files';
import { until } from '../until';
import { DatabaseServer } from './database-server';

const ROOT = join(__dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/app-repo');

/** Nothing that this machine happens to set reaches PostgreSQL's clients, and the runner of these tests is not that of the example's. */
const plain = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PG|NODE_|JEST_|KEEP_DAYS|STRIPE_KEY)/.test(name)),
);

function node(args: readonly string[], environment: NodeJS.ProcessEnv = {}, cwd = EXAMPLE) {
  const env = { ...plain, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 4 * 60_000,
  });
  return { status, output: stdout + stderr };
}

/** What lies in the image besides its packages. */
function copyAsDockerfileSays(image: string): void {
  const ignored = readFileSync(join(EXAMPLE, '.dockerignore'), 'utf8').split('\n');
  const copies = readFileSync(join(EXAMPLE, 'Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) (\S+)$/gm);
  for (const [, sources = '', target = ''] of copies)
    for (const source of sources.split(' ')) {
      expect(ignored).toContain(`!${source}`);
      cpSync(join(EXAMPLE, source), join(image, target === './' ? source : target), { recursive: true });
    }
}

describe('the example of an application repository', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await DatabaseServer.start();
  });
  afterAll(() => server?.stop());

  test('passes all of its own tests', () => {
    const { status, output } = node(['--test', '--test-reporter=tap'], server.environment);
    expect({ status, output }).toEqual({ status: 0, output: expect.stringMatching(/^# skipped 0$/m) });
    expect(Number(/^# pass (\d+)$/m.exec(output)?.[1])).toBeGreaterThan(20);
  });

  test('says where there is no PostgreSQL which of them it leaves out, and why, and passes the others', () => {
    const { status, output } = node(['--test', '--test-reporter=tap']);
    expect(status).toBe(0);
    for (const file of ['server.js', 'migrate.js', 'worker.js', 'nightly.js'])
      expect(output).toContain(`${file} # SKIP needs PostgreSQL: set PGHOST`);
    expect(output).toMatch(/^# pass 1$/m);
  });

  test('has everything in its image that it runs there', async () => {
    const image = mkdtempSync(join(tmpdir(), 'tenantry-image-'));
    try {
      copyAsDockerfileSays(image);
      symlinkSync(join(ROOT, 'node_modules'), join(image, 'node_modules'));
      const environment = { ...server.environment, PGDATABASE: await server.createDatabase('image') };
      const ran = ['migrate.js', 'nightly.js'].map((file) => node([file], environment, image));
      expect(ran).toEqual([
        { status: 0, output: expect.stringContaining('2 of 2 migrations ran') },
        { status: 0, output: expect.stringContaining('deleted 0 notes') },
      ]);
      for (const file of ['server.js', 'worker.js']) {
        const loaded = node(['--eval', `require('./${file}'); process.exit()`], environment, image);
        expect([file, loaded.output, loaded.status]).toEqual([file, expect.anything(), 0]);
      }
    } finally {
      rmSync(image, { recursive: true });
    }
  });

  test('stands in a platform file as its README says', () => {
    const [, services = ''] =
      /^```yaml\n(services:\n[^`]+)```/m.exec(readFileSync(join(EXAMPLE, 'README.md'), 'utf8')) ?? [];
    const platform = GOOD_PLATFORM.replace(/^services:\n( {2}.*\n)+/m, services);
    const { tenants } = load({ 'platform.yaml': platform });
    expect(tenants[0]?.services.map(({ name }) => name)).toEqual(['apiserver', 'nightly', 'worker']);
    expect(tenants[0]?.services[0]).toMatchObject({ healthPath: '/apiserver/v1/health' });
  });

  test('takes PGSSLMODE as PostgreSQL does', async () => {
    const certificate = await server.serveTls('db.example.com');
    const connect = `
      const { connect, inOneLine } = require('./database.js');
      (async () => {
        const client = await connect('test');
        const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
        await client.end();
        return rows[0].ssl ? 'TLS' : 'no TLS';
      })().then(console.log, (error) => console.log(inOneLine(error)));`;
    const comesTo = (PGSSLMODE: string, more: NodeJS.ProcessEnv = {}) =>
      node(['--eval', connect], { ...server.environment, PGSSLMODE, ...more }).output.trim();

    await until('it takes TLS', () => comesTo('require') === 'TLS');
    expect(comesTo('disable')).toBe('no TLS');
    expect(comesTo('prefer')).toBe('TLS');
    expect(comesTo('verify-ca')).toBe('self-signed certificate');
    expect(comesTo('verify-ca', { NODE_EXTRA_CA_CERTS: certificate })).toBe('TLS');
    expect(comesTo('verify-ca', { PGSSLROOTCERT: certificate })).toBe('TLS');
    expect(comesTo('verify-ca', { PGSSLROOTCERT: 'system' })).toBe('self-signed certificate');
    expect(comesTo('verify-full', { PGSSLROOTCERT: certificate })).toMatch(/^Hostname\/IP does not match/);
  });

  test('is tested here with the very packages that its image has', () => {
    const packages = (folder: string) => JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
    const [own, { '': self, ...its }] = [packages(ROOT), packages(EXAMPLE)];
    expect(Object.keys(its)).toContain('node_modules/pg');
    for (const [path, { version, integrity }] of Object.entries<{ version: string; integrity: string }>(its))
      expect([path, own[path]]).toEqual([path, expect.objectContaining({ version, integrity })]);
  });

  test('has a Dockerfile without lint', async () => {
    const { python } = await checkPrerequisites({ go: false });
    const requirements = join(ROOT, 'operator/requirements-dev.txt');
    const bin = join(await pythonEnvironment('mypy', requirements, python).obtain(), 'bin');
    await run([join(bin, 'hadolint'), '--no-color', '--failure-threshold', 'style', 'Dockerfile'], { cwd: EXAMPLE });
  });
});
