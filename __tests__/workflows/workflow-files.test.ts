import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { JOB, SESSION, WAITING } from '../../lib/config/run-time';
import { run } from '../../local/processes/run';
import { checkPrerequisites } from '../../local/programs/prerequisites';
import { pythonEnvironment } from '../../local/programs/python-environment';
import { ACTIONS, filledIn, holds, type Job, ORCHESTRATORS, ROOT, readWorkflow, WORKFLOWS } from './workflow-files';

test(
  "zizmor, at its most pedantic, finds nothing in this repository's workflows, its action, and the example's",
  async () => {
    const { python } = await checkPrerequisites({ go: false });
    const zizmor = await pythonEnvironment('zizmor', join(__dirname, 'requirements.txt'), python).obtain();
    const args = ['--offline', '--no-config', '--persona', 'pedantic', '--no-progress', '--color', 'never'];
    const output = await run([join(zizmor, 'bin', 'zizmor'), ...args, '--format', 'json', ...WORKFLOWS, ...ACTIONS], {
      cwd: ROOT,
    });
    const found = JSON.parse(output.slice(output.indexOf('['))) as {
      readonly ident: string;
      readonly ignored: boolean;
    }[];

    expect(found.filter(({ ignored }) => !ignored)).toEqual([]);
  },
  10 * 60_000,
);

test('every exception says why it is one', () => {
  const exceptions = [...WORKFLOWS, ...ACTIONS].flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => line.includes('zizmor: ignore')),
  );
  for (const line of exceptions) expect(line).toMatch(/# zizmor: ignore\[[a-z-]+\] \w+( \S+){3,}/);
});

describe("GitHub's own language service", () => {
  /** What an editor would mark. The language service follows a call to the workflow that is called; the example calls this repository's. */
  async function marks(file: string, text = readFileSync(join(ROOT, file), 'utf8')): Promise<readonly string[]> {
    const { validate } = await import('@actions/languageservice');
    const document = TextDocument.create(pathToFileURL(join(ROOT, file)).href, 'yaml', 0, text);
    const found = await validate(document, {
      fileProvider: {
        getFileContent: async (called) => {
          const name = 'repository' in called ? `.github/workflows/${basename(called.path)}` : called.path;
          return { name, content: readFileSync(join(ROOT, name), 'utf8') };
        },
      },
    });
    return found.map(({ message, range }) => `${range.start.line + 1}: ${message}`);
  }

  test.each([...WORKFLOWS, ...ACTIONS])('finds nothing in %s', async (file) => {
    expect(await marks(file)).toEqual([]);
  });

  test('would find an input that the called workflow does not know', async () => {
    const file = 'examples/app-repo/.github/workflows/release.yml';
    const text = readFileSync(join(ROOT, file), 'utf8').replace('region:', 'regoin:');
    // By another name, for it remembers what it read.
    expect((await marks(`altered/${file}`, text)).join('\n')).toContain('regoin');
  });
});

describe.each(WORKFLOWS)('%s', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const workflow = readWorkflow(file);
  const jobs: readonly Job[] = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps ?? []);

  test('may do nothing but what each job says', () => {
    expect(workflow.permissions).toEqual({});
    for (const job of jobs) expect(job.permissions).toBeDefined();
  });

  test('pins every action to a commit, and says which version that is; but calls the workflow that AWS trusts where it trusts it', () => {
    for (const [line] of text.matchAll(/^ *(- )?uses: .*$/gm)) {
      if (/uses: (\.\/|acme\/platform\/\.github\/workflows\/publish-image\.yml@main )/.test(line)) continue;
      expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # (v\d+\.\d+\.\d+|main)/);
    }
  });

  test('puts nothing from an event into a script', () => {
    for (const { run } of steps) expect(run ?? '').not.toMatch(/\$\{\{/);
  });

  test('leaves no token behind in the checkout', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  test('stops its scripts at the first command that fails, also in a pipe', () => {
    if (steps.some(({ run }) => run !== undefined)) expect(workflow.defaults?.run?.shell).toBe('bash');
  });
});

test('what follows another workflow follows one that is there', () => {
  const here = '.github/workflows';
  for (const folders of [[here], [here, 'examples/environments'], ['examples/app-repo']]) {
    const all = WORKFLOWS.filter((file) => folders.some((folder) => file.startsWith(folder))).map(readWorkflow);
    const names = all.map(({ name }) => name);
    const followed = all.flatMap(({ on }) => on.workflow_run?.workflows ?? []);
    expect(followed.filter((name) => !names.includes(name))).toEqual([]);
    expect(followed.length).toBeGreaterThan(0);
  }
});

describe.each(ORCHESTRATORS)('%s', (file) => {
  const { concurrency, jobs, on } = readWorkflow(file);
  const { refuse, ...environments } = jobs;

  test('takes no group itself: the job that it calls does, so that a run that is left out takes none', () => {
    expect([concurrency, ...Object.values(jobs).map((job) => job.concurrency)].filter(Boolean)).toEqual([]);
    expect(refuse?.uses).toBeUndefined();
    for (const job of Object.values(environments)) expect(job.uses).toBe('./.github/workflows/deploy-environment.yml');
  });

  test('follows CI, and does not run beside it', () => {
    expect(Object.keys(on)).not.toContain('push');
    expect(on.workflow_run).toEqual({ workflows: ['ci'], types: ['completed'], branches: ['main'] });
  });

  test('listens to what publish-image sends', () => {
    const sent = readWorkflow('.github/workflows/publish-image.yml').jobs.tell?.steps?.find(({ uses }) =>
      uses?.startsWith('peter-evans/repository-dispatch@'),
    );
    expect(on.repository_dispatch).toEqual({ types: [sent?.with?.['event-type']] });
  });
});

test('two environments are started by what starts one', () => {
  const [one, two] = ORCHESTRATORS.map(readWorkflow);
  expect([two?.name, two?.['run-name'], two?.on, two?.jobs.refuse]).toEqual([
    one?.name,
    one?.['run-name'],
    one?.on,
    one?.jobs.refuse,
  ]);
  const guards = [one, two].map((file) => Object.values(file?.jobs ?? {}).find(({ uses }) => uses)?.if);
  expect(guards[1]).toBe(guards[0]);
  expect(guards[0]).toContain('workflow_run');
});

describe('deploy-environment', () => {
  const { concurrency, jobs } = readWorkflow('.github/workflows/deploy-environment.yml');
  const given = (platform: string, environment: string, run_attempt = '1') => ({
    inputs: { platform, environment },
    github: { run_attempt },
    steps: { converged: { outcome: 'success' } },
  });

  test('is one at a time for each environment, and never cancelled', () => {
    expect(concurrency).toBeUndefined();
    const { group, ...rest } = jobs.deploy?.concurrency ?? {};
    expect(rest).toEqual({ 'cancel-in-progress': false });
    const groups = ['staging', 'production'].map((name) => filledIn(String(group), given(`${name}.yaml`, name)));
    expect(groups).toEqual(['deploy-tenants-staging.yaml', 'deploy-tenants-production.yaml']);
  });

  test('leaves artifacts of which none has the name of another environment', () => {
    const names = (jobs.deploy?.steps ?? [])
      .filter(({ uses }) => uses?.startsWith('actions/upload-artifact@'))
      .map((step) => String(step.with?.name));
    expect(names).toHaveLength(4);
    for (const name of names) {
      expect(filledIn(name, given('staging.yaml', ''))).not.toBe(filledIn(name, given('production.yaml', '')));
    }
  });

  test('takes what was handed over in this attempt of the run, and nothing of an older one', () => {
    const handed = (attempt: string) =>
      filledIn(jobs.deploy?.outputs?.converged ?? '', given('staging.yaml', 'staging', attempt));
    const takes = jobs.deploy?.steps?.find(({ id }) => id === 'before');
    const taken = (converged: string, run_attempt: string) =>
      holds(takes?.if, { inputs: { converged }, github: { run_attempt } });
    expect([taken(handed('1'), '1'), taken(handed('2'), '2')]).toEqual([true, true]);
    expect([taken(handed('1'), '2'), taken(handed('1'), '11'), taken('', '1')]).toEqual([false, false, false]);
  });

  test('runs nothing of this repository before it is known which commit CI passed, and that one then', () => {
    const steps = jobs.deploy?.steps ?? [];
    const found = steps.findIndex(({ id }) => id === 'passed');
    expect(steps.slice(0, found).map(({ uses = 'a script' }) => uses.split('@')[0])).toEqual(['actions/setup-node']);
    expect(steps[found + 1]?.with?.ref).toMatch(/^\$\{\{ steps\.passed\.outputs\.commit \}\}$/);
    expect(steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))).toHaveLength(1);
    expect(steps.filter(({ uses }) => uses?.startsWith('./'))).toEqual([]);
  });

  test('has a session in AWS that outlives the job and what GitHub gives it to end, and no wait in it outlives the job', () => {
    const credentials = jobs.deploy?.steps?.find(({ id }) => id === 'credentials');
    expect(jobs.deploy?.['timeout-minutes']).toBe(JOB / 60);
    expect(credentials?.with?.['role-duration-seconds']).toBe(SESSION);
    expect(SESSION).toBeGreaterThan(JOB + 5 * 60);
    expect(WAITING).toBeLessThan(JOB);
  });
});

describe.each(['.github/workflows/ci.yml', 'examples/app-repo/.github/workflows/ci.yml'])('the group of %s', (file) => {
  const { group, 'cancel-in-progress': cancels } = readWorkflow(file).concurrency as Record<string, string>;
  const of = (event_name: string, ref: string, run_id: string) => {
    const contexts = { github: { event_name, ref, run_id, sha: 'the same commit' } };
    return [filledIn(group ?? '', contexts), filledIn(cancels ?? '', contexts)];
  };

  test('is shared by no two pushes, though several branches are pushed at one commit: a group drops all but one that wait', () => {
    expect(of('push', 'refs/heads/main', '1')).toEqual(['ci-1', 'false']);
    expect(of('push', 'refs/heads/releases/0.0.2', '2')).toEqual(['ci-2', 'false']);
  });

  test('is shared by the pushes to a pull request, the newest of which ends the others', () => {
    expect(of('pull_request', 'refs/pull/7/merge', '1')).toEqual(['ci-refs/pull/7/merge', 'true']);
  });
});

describe.each(['.github/workflows/review.yml', 'examples/environments/.github/workflows/review.yml'])('%s', (file) => {
  const { jobs } = readWorkflow(file);
  const steps = jobs.plan?.steps ?? [];
  const at = (name: string) => steps.findIndex((step) => step.name === name);
  const [checkout, choose, plan, describePlan] = ['Check out', 'Choose the images', 'Plan', 'Describe the plan'].map(
    (name) => steps[at(name)],
  );

  test('plans each environment, as its planner and outside of its GitHub environment, whose variables and secrets are for the deploy', () => {
    const environments = jobs.plan?.strategy?.matrix.include ?? [];
    const checks = environments.map((matrix) => filledIn(jobs.plan?.name ?? '', { matrix }));
    expect(checks).toEqual(environments.map(({ environment }) => (environment ? `plan (${environment})` : 'plan')));
    expect(environments.length).toBeGreaterThan(0);
    expect(jobs.plan).not.toHaveProperty('environment');
    for (const { role } of environments) expect(role).toContain('PLANNER');
    const [{ platform = '' } = {}] = environments;
    const keep = steps[at('Keep the plan')];
    expect(filledIn(jobs.plan?.env?.PLATFORM ?? '', { matrix: { platform } })).toBe(platform);
    expect(filledIn(String(keep?.with?.name), { matrix: { platform } })).toBe(`plan-${platform}`);
  });

  test('plans with the images that tenantry review chooses, and nothing else chooses any', () => {
    expect(jobs.plan?.env?.IMAGES).toBeUndefined();
    expect(choose?.run).toBe("npx tenantry review 'HEAD^1'");
    expect(at('Choose the images')).toBeLessThan(at('Plan'));
    for (const images of ['', 'live', 'ecr']) {
      const contexts = { steps: { images: { outputs: { images } } } };
      expect(filledIn(plan?.env?.IMAGES ?? '', contexts)).toBe(images);
    }
  });

  test('has what the change is made to in its checkout, and says with which images it was planned', () => {
    expect(checkout?.with?.['fetch-depth']).toBe(2);
    const contexts = { steps: { images: { outputs: { note: 'This ends the freeze.' } } } };
    expect(filledIn(describePlan?.env?.NOTE ?? '', contexts)).toBe('This ends the freeze.');
    expect(describePlan?.run).toContain('--note "$NOTE"');
  });
});
