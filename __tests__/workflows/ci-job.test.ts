import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GitRepository } from './git-repository';
import { runJob } from './job-run';
import { shellIn } from './shell-in';
import { type Job, ROOT, readWorkflow } from './workflow-files';

const ci = readWorkflow('.github/workflows/ci.yml').jobs.test as Job;
const [TESTED, CHECK, TEST, KEEP] = [
  'Was this code tested?',
  'Check the files',
  'Test',
  'Keep that this code was tested',
] as const;

const DEPLOYS =
  'jobs:\n  staging:\n    with:\n      platform: staging.yaml\n  deploy:\n    with:\n      platform: platform.yaml\n      replay: x\n';

/** The job as it stands in the workflow, in repositories of its own; its programs are not run. */
describe('the job of ci', () => {
  let home: string;
  let folder: string;
  let repository: GitRepository;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tenantry-ci-'));
    folder = join(home, 'repository');
    mkdirSync(folder);
    repository = new GitRepository(folder);
    write('lib/code.ts');
    write('package-lock.json');
    write('platform.yaml');
    write('staging.yaml');
    write('.github/workflows/deploy-tenants.yml', DEPLOYS);
    write('tenants/globex.yaml');
    repository.commit('first');
  });
  afterEach(() => rmSync(home, { recursive: true }));

  function write(path: string, text = 'x') {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  async function run({ hit = '', event = 'push' } = {}) {
    const { status, outcomes, given, output } = await runJob(ci, shellIn(folder), {
      contexts: { github: { event_name: event }, runner: { os: 'Linux' } },
      env: { HOME: home },
      without: ['Install packages', CHECK, TEST],
      actionOutputs: { [TESTED]: { 'cache-hit': hit } },
    });
    expect({ status, output }).toMatchObject({ status: 'success' });
    return { outcomes, key: given[TESTED]?.key, kept: given[KEEP]?.key };
  }

  test('tests code that nobody tested, and keeps that it was', async () => {
    const { outcomes, key, kept } = await run();
    expect(outcomes).toMatchObject({ [CHECK]: 'success', [TEST]: 'success', [KEEP]: 'success' });
    expect(key).toMatch(/^tested-[0-9a-f]{64}$/);
    expect(kept).toBe(key);
  });

  test('does not test again what was tested, and checks the files all the same', async () => {
    const { outcomes } = await run({ hit: 'true' });
    expect(outcomes).toMatchObject({ [CHECK]: 'success', [TEST]: 'skipped', [KEEP]: 'skipped' });
  });

  test('keeps nothing of a pull request', async () => {
    expect((await run({ event: 'pull_request' })).outcomes).toMatchObject({ [TEST]: 'success', [KEEP]: 'skipped' });
  });

  test.each(['tenants/globex.yaml', 'tenants/eu/acme.yaml', 'platform.yaml', 'staging.yaml', 'frozen.lock.json'])(
    'takes a change of %s for one of data',
    async (path) => {
      const { key } = await run();
      write(path, 'other');
      repository.commit('data');
      expect((await run()).key).toBe(key);
    },
  );

  test.each([
    'lib/code.ts',
    'lib/platform.yaml',
    'kube.yaml',
    'platformXyaml',
    '.github/workflows/deploy-tenants.yml',
    'lib/tenants/globex.yaml',
    'package-lock.json',
    'tenants.ts',
    '.hidden.yaml',
    '.github/workflows/ci.yml',
    'operator/frozen.lock.json',
    'platform.yaml.ts',
    'name with\ttab.yaml/code.ts',
  ])('takes a change of %s for one of code', async (path) => {
    const { key } = await run();
    write(path, 'other');
    repository.commit('code');
    expect((await run()).key).not.toBe(key);
  });

  test('finds no fault in a lock, however it is written: the tests of whoever freezes pass as before', () => {
    const lock = join(ROOT, `ci-${process.pid}.lock.json`);
    writeFileSync(lock, JSON.stringify({ images: [{ commits: ['a'], tenants: ['b'] }] }, null, 2));
    try {
      const { stderr } = spawnSync('npx', ['biome', 'check', '--error-on-warnings', lock], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      expect(stderr).toContain('were provided but ignored');
    } finally {
      rmSync(lock);
    }
  });

  test('takes a file whose mode alone was changed for another', async () => {
    const { key } = await run();
    repository.git('update-index', '--chmod=+x', 'lib/code.ts');
    repository.git('commit', '-q', '-m', 'mode');
    expect((await run()).key).not.toBe(key);
  });
});
