import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationOf, loadSources } from '../../lib/config/load';
import type { ImageProblemKind } from '../../lib/images/image-problem';
import type { PinnedImage } from '../../lib/images/pinned-image';
import { imageRequests } from '../../lib/images/request';
import type { PlanReport } from '../../lib/plan/plan-report';
import type { Aftermath } from '../../lib/run-report/aftermath';
import { annotations } from '../../lib/run-report/annotations';
import { announcementIn } from '../../lib/run-report/announcement';
import { askedSince } from '../../lib/run-report/asked-since';
import { cancelledVerdict, withLocks } from '../../lib/run-report/cut-short';
import { deployVerdict } from '../../lib/run-report/deploy-log';
import { doneBy } from '../../lib/run-report/done';
import { imagesVerdict } from '../../lib/run-report/missing-images';
import { slackMessage } from '../../lib/run-report/slack-message';
import { unannounced } from '../../lib/run-report/unannounced';
import { verifyVerdict } from '../../lib/run-report/verify-log';
import { absorbed } from '../../lib/run-report/workflow-runs';
import { changed, GOOD_PLATFORM, inFolder } from '../config/configuration-files';
import { GitRepository } from './git-repository';
import { holds, type JobStatus, ROOT, readWorkflow } from './workflow-files';

const COMMIT = '4f0d2a6c9b1e8d7c5a3f4f0d2a6c9b1e8d7c5a3f';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** As Terraform says it. */
const LOCKED = `tenants  ╷
         │ Error: Error acquiring the state lock
         │
         │ Error message: operation error S3: PutObject, api error PreconditionFailed
         │ Lock Info:
         │   ID:        5c3b1c7e-1111-2222-3333-444455556666
         │   Path:      tenantry/tenants.tfstate
         │   Operation: OperationTypeApply
         │   Who:       runner@host
         │   Version:   1.11.4
         │   Created:   2026-11-25 04:00:00 +0000 UTC
`;

describe('what a failed deploy is said to be', () => {
  test.each([
    [LOCKED, 'person', 'state is locked'],
    ['│ Error: Error acquiring the state lock\n│ Error message: api error AccessDenied', 'person', 'may not do'],
    ['│ Error: tenants "x" is forbidden: ValidatingAdmissionPolicy "p" denied request: why', 'person', 'A policy'],
    ['│ Error: roles.rbac.authorization.k8s.io "x" is\n│ forbidden: User', 'person', 'may not do'],
    ['Invoking Terraform CLI failed with exit code 137', 'person', 'Terraform was killed'],
    ['tenants  terraform apply was killed by SIGKILL', 'person', 'Terraform was killed'],
    ['Error: Saved plan is stale', 'passing', 'Somebody else deployed'],
    [
      '│ Error: Failed to save state\n│ Error saving state: api error ExpiredToken: The',
      'person',
      'session in AWS ended',
    ],
    ['│ Error: Failed to save state\n│ Error saving state: api error SlowDown', 'person', 'not saved: S3 did not'],
    ['│ Error: Timed out when waiting for resource "zinc" to\n│ be deleted', 'person', 'still there'],
    ['│ Error: Tenant "zinc" was deleted but is still there', 'person', 'still there'],
    ['dial tcp 10.0.0.1:443: i/o timeout', 'passing', 'did not answer'],
    ['│ Error: something new', 'person', 'Terraform failed'],
    ['', 'person', 'Terraform failed'],
  ])('%j is %s', (log, kind, title) => {
    expect(deployVerdict(log)).toMatchObject({ kind, title: expect.stringContaining(title) });
  });
});

describe('what a failed verification is said to be', () => {
  const stuck = '  northwind (canary) is stuck at ready: RolloutStuck: apiserver: 1 of 2 pods';
  const held =
    '  globex (general) is stuck at ready: RingHeld: waits for ring canary: northwind is not ready (RolloutStuck)';
  const conclusion =
    'Not converged after 8 of 8 attempts (7 s): 2 of 3 tenants, of which 1 wait for others and keep the images that they run.';

  test('a ring that is not well: with the tenants, and what was said of them', () => {
    expect(verifyVerdict([stuck, held, '', conclusion].join('\n'), [])).toMatchObject({
      kind: 'person',
      title: expect.stringContaining('the rings behind them keep what they run'),
      evidence: [conclusion, stuck.trim(), held.trim()],
    });
  });

  test('tenants that are not well, where nobody waits for them', () => {
    const verdict = verifyVerdict(`${stuck}\n\nNot converged after 8 of 8 attempts (7 s): 1 of 3 tenants.`, []);
    expect(verdict.title).toBe('Everything was applied, and not every tenant got well on it');
  });

  test('tenants that wait for nothing but time need nobody', () => {
    const baking =
      'globex (general) is stuck at ready: RingHeld: waits for ring canary: all is well there, and has to be so until 04:00:00Z';
    const all =
      'Not converged after 8 of 8 attempts (7 s): 2 of 3 tenants, of which 2 wait for others and keep the images.';
    expect(verifyVerdict([baking, '', all].join('\n'), [])).toMatchObject({ kind: 'passing', evidence: [all, baking] });
    expect(verifyVerdict([baking, stuck, '', conclusion].join('\n'), []).kind).toBe('person');
  });

  test('what was said last, where it could not tell', () => {
    expect(verifyVerdict('', ['cannot read the Tenants']).evidence).toEqual(['cannot read the Tenants']);
  });
});

describe('what a run that was ended is said to be', () => {
  const aftermath: Aftermath = { interrupted: true, abandoned: false, locks: [] };

  test.each([
    [{ interrupted: false }, 'Terraform was not at work'],
    [{}, 'Terraform saved its state and unlocked it'],
    [{ abandoned: true }, 'Terraform was cut short, and unlocked its state'],
    [{ unknown: 'S3 did not answer' }, 'whether Terraform unlocked its state could not be told'],
  ])('%j: %s', (what, title) => {
    expect(cancelledVerdict({ ...aftermath, ...what })).toMatchObject({
      kind: 'cancelled',
      title: expect.stringContaining(title),
    });
  });

  test('a state that it left locked needs a person, with the command to type', () => {
    const since = new Date('2026-11-25T04:00:00Z');
    const locks = [{ stack: 'tenants', id: '5c3b1c7e', who: 'runner@host', since, operation: 'OperationTypeApply' }];
    const verdict = withLocks(cancelledVerdict({ ...aftermath, locks }), locks);
    expect(verdict).toMatchObject({
      kind: 'person',
      title: expect.stringContaining('the state of tenants is still locked'),
      evidence: ['tenants: 5c3b1c7e, by runner@host since 2026-11-25T04:00:00.000Z'],
    });
    expect(verdict.next[0]).toMatch(/npm ci && npx tenantry unlock 5c3b1c7e$/);
  });
});

describe('images that cannot be pinned', () => {
  const image = { service: 'apiserver', release: 'releases/0.0.2', repository: 'apiserver', tag: 'releases-0.0.2' };
  const now = new Date('2026-11-26T12:00:00Z');
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
  let since: Date | undefined;
  beforeEach(() => {
    since = undefined;
  });
  const verdict = (...kinds: ImageProblemKind[]) =>
    imagesVerdict(
      { error: 'UnresolvedImages', message: 'why' },
      kinds.map((kind) => ({ ...image, kind })),
      { scheduled: false, serverUrl: 'https://github.com', now, askedSince: () => since },
    ).kind;

  test.each([
    ['heal by themselves where they are missing', ['missing-image', 'missing-image'], 'waiting'],
    ['may heal where nobody said whom to trust', ['no-trust-root'], 'passing'],
    ['take a person where an image is not what its tag says', ['unproven', 'no-trust-root'], 'person'],
    ['may heal where ECR did not answer', ['throttled'], 'passing'],
    [
      'heal by themselves where some are missing and ECR did not answer for others',
      ['throttled', 'missing-image'],
      'waiting',
    ],
    ['need a person where one of them does', ['missing-image', 'archived'], 'person'],
  ] as const)('%s', (_, kinds, kind) => {
    expect(verdict(...kinds)).toBe(kind);
  });

  test('heal by themselves as long as they may still be building, and then need a person', () => {
    since = hoursAgo(2);
    expect(verdict('missing-image')).toBe('waiting');
    since = hoursAgo(4);
    expect(verdict('missing-image')).toBe('person');
    expect(verdict('throttled')).toBe('passing');
  });

  test('are asked for since the merge of the file that names their release, however old the change itself is', () => {
    const files = {
      'platform.yaml': changed(GOOD_PLATFORM, 'release: releases/0.0.2', 'release: releases/0.0.3'),
      'tenants/initech.yaml': 'host: initech.example.com\nring: canary\nrelease: releases/0.0.4\n',
    };
    inFolder(files, (folder) => {
      const platform = files['platform.yaml'];
      const repository = new GitRepository(folder);
      const write = (text: string) => writeFileSync(join(folder, 'platform.yaml'), text);
      write(GOOD_PLATFORM);
      repository.commit('The start', { at: hoursAgo(90) });
      repository.git('checkout', '--quiet', '-b', 'change');
      write(platform);
      repository.commit('The next release', { at: hoursAgo(80) });
      repository.git('checkout', '--quiet', 'main');
      repository.merge('change', { at: hoursAgo(5) });
      writeFileSync(join(folder, 'README.md'), 'Read me.');
      repository.commit('Something else', { at: hoursAgo(1) });

      const sources = loadSources(join(folder, 'platform.yaml'));
      const { platform: loaded, tenants } = configurationOf(sources);
      const asked = imageRequests(loaded, tenants).map((one): [string, Date | undefined] => [
        `${one.service} ${one.release}`,
        askedSince(one, sources),
      ]);
      expect(Object.fromEntries(asked)).toEqual({
        'apiserver releases/0.0.3': hoursAgo(5),
        'apiserver releases/0.0.4': hoursAgo(90),
        'operator releases/0.0.3': hoursAgo(5),
        'web-client releases/0.0.3': hoursAgo(5),
        'web-client releases/0.0.4': hoursAgo(90),
      });
      rmSync(join(folder, '.git'), { recursive: true });
      expect(askedSince({ service: 'operator', release: 'releases/0.0.3' }, sources)).toBeUndefined();
    });
  });
});

describe('dispatching is broken', () => {
  const image: PinnedImage = {
    service: 'apiserver',
    release: 'releases/0.0.2',
    repository: 'apiserver',
    tag: 'releases-0.0.2',
    digest: DIGEST,
    commits: [COMMIT],
    pushedAt: '2026-11-25T03:00:00.000Z',
    tenants: ['globex'],
  };
  const side = (commit: string, digest: string) => ({
    image: `r/apiserver@${digest}`,
    commit,
    release: 'releases/0.0.2',
  });
  const change = {
    kind: 'image',
    service: 'apiserver',
    from: side('b'.repeat(40), 'sha256:b'),
    to: side(COMMIT, DIGEST),
  };
  const planOf = (overrides: object = {}, what = 'changed', report: object = {}) =>
    ({
      changes: [{ tenant: 'globex', what, changes: [{ ...change, ...overrides }] }],
      ...report,
    }) as unknown as PlanReport;
  const lost = (plan: PlanReport, options: object = {}) =>
    unannounced({ plan, images: [image], announced: [], now: new Date('2026-11-25T04:00:00Z'), grace: 30, ...options });
  const announced = [{ service: 'apiserver', release: 'releases/0.0.2', commit: COMMIT }];

  test('where a run finds an image that was pushed long ago, and nobody told of it', () => {
    expect(lost(planOf())).toEqual([image]);
  });

  test.each([
    ['the image is younger than a dispatch may take', planOf(), { grace: 90 }],
    ['a dispatch announced it, and its run failed', planOf(), { announced }],
    ['somebody edited the Tenant by hand', planOf({ byHand: 'put-back' }), {}],
    ['the tenant goes to another release', planOf({ from: { ...change.from, release: 'releases/0.0.1' } }), {}],
    ['the tenant is new', planOf({}, 'added'), {}],
    ['the platform is frozen', planOf({}, 'changed', { frozen: 'frozen.lock.json' }), {}],
    ['nothing changes', { changes: [] } as unknown as PlanReport, {}],
    ['nobody knows how old the image is', planOf(), { images: [{ ...image, pushedAt: undefined }] }],
  ])('is not said where %s', (_, plan, options) => {
    expect(lost(plan, options)).toEqual([]);
  });
});

test('the title of a run says what was announced, and nothing where it has another form', () => {
  expect(announcementIn(`image-pushed apiserver releases/0.0.2 ${COMMIT}`)).toEqual({
    service: 'apiserver',
    release: 'releases/0.0.2',
    commit: COMMIT,
  });
  for (const title of ['', 'push of abc', 'image-pushed apiserver  abc', `x image-pushed a b ${COMMIT}`]) {
    expect(announcementIn(title)).toBeUndefined();
  }
});

test('a run stands for those that were cancelled while they waited behind the run before it', () => {
  const run = (id: number, conclusion?: string, title = '') => ({
    id,
    event: 'push',
    title,
    url: '',
    ...(conclusion && { conclusion }),
  });
  const replay = run(6, 'cancelled', 'replay of run 3');
  const runs = [
    run(9),
    run(8),
    run(7, 'cancelled'),
    replay,
    run(5, 'cancelled'),
    run(4, 'failure'),
    run(3, 'cancelled'),
  ];
  // What a CI that did not pass left behind.
  runs.splice(2, 0, run(7.5, 'skipped'));
  // What a replay would have deployed, nobody else does.
  expect(absorbed(runs, 8).map(({ id }) => id)).toEqual([7, 5]);
});

test('what others say is no command in an annotation, and no mention in Slack', () => {
  const evil = '<!channel> ::set-output name=x::y\n::error::z %0A';
  const report = {
    verdict: { kind: 'person', title: 'Terraform failed', evidence: [evil], next: [] },
    absorbed: [],
    overtaken: [],
    unannounced: [],
    newer: [],
    held: [],
    unknown: [],
  } as const;
  const [line = ''] = annotations(report);
  expect(line.split('\n')).toHaveLength(1);
  expect(line).toMatch(/^::error title=A person is needed%3A Terraform failed::/);
  expect(line).toContain('%250A');
  expect(JSON.parse(slackMessage(report, 'acme')).text).not.toContain('<!channel>');
});

describe('what Slack hears of a run that deployed', () => {
  const image = (commit: string) => ({ image: `r/apiserver@sha256:${commit}`, commit, release: 'releases/0.0.2' });
  const [before, after] = ['a'.repeat(40), 'b'.repeat(40)];
  const compare = `https://github.com/acme/apiserver/compare/${before}...${after}`;
  const moved = { kind: 'image', service: 'apiserver', from: image(before), to: image(after), compare };
  const setting = { kind: 'field', service: 'apiserver', field: 'replicas', from: '2', to: '3' };
  const changes = [
    { tenant: 'amber', ring: 'canary', what: 'changed', changes: [moved] },
    { tenant: 'birch', ring: 'general', what: 'changed', changes: [moved, setting] },
    {
      tenant: 'cedar',
      ring: 'general',
      what: 'changed',
      changes: [{ ...moved, compare: undefined, to: image(before) }],
    },
    { tenant: 'dogwood', ring: 'general', what: 'added', changes: [] },
    { tenant: 'elm', ring: 'general', what: 'deleted', changes: [] },
  ];
  const done = (some: readonly object[]) => doneBy({ changes: some } as unknown as PlanReport);
  const said = (some: readonly object[]) => {
    const did = done(some);
    const verdict = { kind: 'good', title: 'Every tenant is well', evidence: [], next: [] } as const;
    const none = { absorbed: [], overtaken: [], unannounced: [], newer: [], unknown: [], held: [] };
    return JSON.parse(slackMessage({ verdict, ...none, ...(did && { done: did }), url: 'https://run' }, 'acme')).text;
  };

  test('is which service went from which commit to which, in which rings, and whatever else came of it', () => {
    expect(said(changes).split('\n')).toEqual([
      ':white_check_mark: *Deployed* (acme): Every tenant is well',
      `> apiserver <${compare}|aaaaaaa → bbbbbbb> in canary, general: 2 tenants`,
      '> apiserver aaaaaaa built anew in general: 1 tenant',
      '> added: dogwood',
      '> deleted: elm',
      '> settings: birch',
      '<https://run|The run>',
    ]);
  });

  test('is nothing where the run changed nothing that anybody would notice', () => {
    expect(done([])).toBeUndefined();
    const others = ['recorded', 'left', 'forgotten'].map((what) => ({
      tenant: 'amber',
      ring: 'canary',
      what,
      changes: [setting],
    }));
    expect(done(others)).toBeUndefined();
  });

  test('is a few lines, however much there was', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      ...changes[0],
      changes: [{ ...moved, service: `service-${index}` }],
    }));
    expect(said(many).split('\n')).toHaveLength(15);
    expect(said(many)).toContain('> ... and 18 more');
  });

  test('is told where somebody wants to hear it, and what is not well in any case', () => {
    const { jobs } = readWorkflow('.github/workflows/deploy-environment.yml');
    const step = jobs.deploy?.steps?.find(({ name }) => name === 'Tell Slack');
    const tells = (vars: object, changed: string, status: JobStatus = 'success') =>
      holds(step?.if, { vars, steps: { report: { outputs: { changed } } } }, status);
    const wanting = { TENANTRY_SLACK: 'true', TENANTRY_SLACK_SUCCESS: 'true' };
    expect(tells(wanting, 'true')).toBe(true);
    expect(tells(wanting, 'false')).toBe(false);
    expect(tells({ TENANTRY_SLACK: 'true' }, 'true')).toBe(false);
    expect(tells({ TENANTRY_SLACK_SUCCESS: 'true' }, 'true')).toBe(false);
    for (const status of ['failure', 'cancelled'] as const) {
      expect(tells({ TENANTRY_SLACK: 'true' }, '', status)).toBe(true);
      expect(tells({}, '', status)).toBe(false);
    }
  });
});

describe('tenantry report', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const tenantry = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [join(ROOT, 'cli/tenantry.js'), 'report', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TENANTRY_RUN: join(folder, 'run'), PLATFORM: join(ROOT, 'local/platform.yaml'), ...env },
    });

  test('step shows what a command prints, keeps it, and ends as it does', () => {
    const { status, stdout } = tenantry(['step', 'deploy', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: 'out\nerr\n' });
    expect(readFileSync(join(folder, 'run/deploy.log'), 'utf8')).toBe(stdout);
  });

  test('run tells of a run that failed, and is not red a second time for it', () => {
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run/deploy.log'), LOCKED);
    const env = { STEPS: JSON.stringify({ deploy: { outcome: 'failure' } }), GITHUB_OUTPUT: join(folder, 'output') };
    const { status, stdout } = tenantry(['run'], { ...env, GITHUB_STEP_SUMMARY: '', GITHUB_TOKEN: '' });
    expect(status).toBe(0);
    expect(stdout).toContain("A person is needed: Terraform's state is locked");
    expect(stdout).toMatch(/ID: +5c3b1c7e.*\n.*Who: +runner@host.*\n.*Created: +2026-11-25/);
    expect(stdout).toContain('Not all that belongs here is known: `GITHUB_WORKFLOW_REF and GITHUB_REF_NAME');
    expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toMatch(/^kind=person\nchanged=false\nslack=\{"text":".*"\}\n$/);
  });

  test('run says what it lacks when it is not told how the steps ended', () => {
    expect(tenantry(['run'], { STEPS: '' })).toMatchObject({ status: 2, stderr: expect.stringContaining('STEPS') });
  });
});
