import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ImageSet } from '../../lib/images/image-set';
import { PREDICATE_TYPE } from '../../lib/images/provenance/attested-build';
import { proveImages } from '../../lib/images/provenance/prove-images';
import { trustedRoots } from '../../lib/images/provenance/trusted-roots';
import { LocalAuthority } from '../../local/local-authority';
import { attestationOf, PROVED, PUBLISHER } from '../images/attested-images';
import { REGISTRY } from '../images/local-ecr';
import { pinnedImage } from '../images/pinned-images';
import { filledIn, holds, readWorkflow } from './workflow-files';

const { publish, tell } = readWorkflow('.github/workflows/publish-image.yml').jobs;
const steps = [...(publish?.steps ?? []), ...(tell?.steps ?? [])];
const named = (name: string) => {
  const found = steps.find((step) => step.name === name);
  if (!found) throw new Error(`no step is called "${name}"`);
  return found;
};

/** ECR as a file: the digest of each tag. An image that is there answers by each of its tags. */
const AWS = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const tags = JSON.parse(readFileSync(process.env.ECR, 'utf8'));
const args = process.argv.slice(2);
const tag = args[args.indexOf('--image-ids') + 1].replace('imageTag=', '');
if (process.env.ECR_DOWN) { console.error('An error occurred (ThrottlingException)'); process.exit(254); }
if (!(tag in tags)) { console.error('An error occurred (ImageNotFoundException) when calling DescribeImages'); process.exit(254); }
const query = args[args.indexOf('--query') + 1];
if (query.endsWith('imageDigest')) console.log(tags[tag]);
else console.log(Object.keys(tags).filter((one) => tags[one] === tags[tag]).join('\\t'));
`;
const DOCKER = `#!/usr/bin/env node
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const tag = args[args.indexOf('--tag') + 1].split(':')[1];
const digest = args.at(-1).split('@')[1];
const tags = JSON.parse(readFileSync(process.env.ECR, 'utf8'));
writeFileSync(process.env.ECR, JSON.stringify({ ...tags, [tag]: digest }));
appendFileSync(process.env.MOVED, tag + '\\n');
`;

/** Steps that only an image needs that is not there yet. */
const BUILD = ['Set up buildx', 'Build, and push without a tag', "Give it the commit's tag"];
/** Steps that make an image one that may be deployed. */
const OFFER = ['Attest where the image comes from', "Give it the commit's tag", 'Move the tags'];

/** GitHub, of the commits and branches of a clone that is newer than the run's own. */
const GH = `#!/usr/bin/env node
const { spawnSync } = require('node:child_process');
if (process.env.GH_DOWN) { console.error('gh: Server Error (HTTP 502)'); process.exit(1); }
const path = decodeURIComponent(process.argv[3]);
const git = (...args) => spawnSync('git', args, { cwd: process.env.GITHUB_CLONE, encoding: 'utf8' });
const [, ref] = path.split('/git/ref/');
if (ref) {
  const { status, stdout } = git('rev-parse', '--verify', 'refs/' + ref);
  if (status !== 0) { console.error('gh: Not Found (HTTP 404)'); process.exit(1); }
  console.log(stdout.trim());
  process.exit(0);
}
const [base, head] = path.slice(path.indexOf('/compare/') + 9).split('...');
const [from, to] = [base, head].map((one) => git('rev-parse', '--verify', one + '^{commit}').stdout.trim());
if (!from || !to) { console.error('gh: Not Found (HTTP 404)'); process.exit(1); }
const isIn = (one, other) => git('merge-base', '--is-ancestor', one, other).status === 0;
console.log(from === to ? 'identical' : isIn(to, from) ? 'behind' : isIn(from, to) ? 'ahead' : 'diverged');
`;

const onBranch = { branch: { outputs: { head: 'f'.repeat(40) } } };

describe('the workflow that publishes an image', () => {
  let folder: string;
  let commits: readonly [string, string];
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: join(folder, 'github'),
      encoding: 'utf8',
    }).trim();
  const commit = (message: string) => {
    git('commit', '--quiet', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantry-publish-'));
    mkdirSync(join(folder, 'bin'));
    for (const [name, text] of [
      ['aws', AWS],
      ['docker', DOCKER],
      ['gh', GH],
    ] as const) {
      writeFileSync(join(folder, 'bin', name), text);
      chmodSync(join(folder, 'bin', name), 0o755);
    }
    mkdirSync(join(folder, 'checkout'));
    mkdirSync(join(folder, 'github'));
    git('init', '--quiet', '--initial-branch', 'main');
    const older = commit('older');
    commits = [older, commit('newer')];
    for (const branch of ['releases/0.0.2', 'releases/2024/q1%x', "releases/$(touch_evil)'"]) git('branch', branch);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function runStep(name: string, tags: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv) {
    const [ecr, moved, output] = ['ecr.json', 'moved', 'output'].map((file) => join(folder, file)) as [
      string,
      string,
      string,
    ];
    writeFileSync(ecr, JSON.stringify(tags));
    writeFileSync(moved, '');
    writeFileSync(output, '');
    const script = join(folder, 'script.sh');
    writeFileSync(script, named(name).run ?? '');
    const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: join(folder, 'checkout'),
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
        ECR: ecr,
        MOVED: moved,
        GITHUB_OUTPUT: output,
        REPOSITORY: 'web-client',
        GITHUB_REPOSITORY: 'acme/web-client',
        GITHUB_CLONE: join(folder, 'github'),
        ...env,
      },
    });
    return {
      status,
      printed: stdout + stderr,
      moved: readFileSync(moved, 'utf8').split('\n').filter(Boolean),
      outputs: Object.fromEntries(
        readFileSync(output, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split('=')),
      ),
      leftovers: readdirSync(join(folder, 'checkout')),
    };
  }

  const look = (tags: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) =>
    runStep('Is the image there already?', tags, { COMMIT: commits[0], ...env });
  const isOn = (commit: string, branch: string, env: NodeJS.ProcessEnv = {}) =>
    runStep('Is the commit on its branch?', {}, { COMMIT: commit, BRANCH: branch, ...env });
  const move = (commit: string, branch: string, tags: Readonly<Record<string, string>> = {}, env = {}) =>
    runStep(
      'Move the tags',
      { [commit]: 'sha256:own', ...tags },
      {
        COMMIT: commit,
        BRANCH: branch,
        HEAD: isOn(commit, branch).outputs.head,
        REGISTRY: 'registry',
        DIGEST: 'sha256:own',
        ...env,
      },
    );

  test('builds what is not there', () => {
    expect(look({})).toMatchObject({ status: 0, outputs: {}, leftovers: [] });
    for (const name of BUILD)
      expect(holds(named(name).if, { steps: { pushed: { outputs: {} }, ...onBranch } })).toBe(true);
  });

  test("builds nothing where a run before pushed the commit's image: its tag could not be pushed again", () => {
    const { status, outputs } = look({ [commits[0]]: 'sha256:before' });
    expect({ status, outputs }).toEqual({ status: 0, outputs: { digest: 'sha256:before' } });
    for (const name of BUILD)
      expect(holds(named(name).if, { steps: { pushed: { outputs }, ...onBranch } })).toBe(false);
  });

  test("gives an image its commit's tag after it was attested, and before any other", () => {
    const names = steps.map(({ name }) => name);
    const order = [
      'Build, and push without a tag',
      'Is the commit on its branch?',
      'Attest where the image comes from',
      "Give it the commit's tag",
      'Move the tags',
    ];
    expect(names.filter((name) => order.includes(name))).toEqual(order);
    expect(named('Build, and push without a tag').with?.tags).toBeUndefined();
    expect(
      runStep("Give it the commit's tag", {}, { COMMIT: commits[0], REGISTRY: 'registry', DIGEST: 'sha256:own' }),
    ).toMatchObject({
      status: 0,
      moved: [commits[0]],
    });
  });

  test('fails where ECR does not say, and does not take that for "not there"', () => {
    expect(look({}, { ECR_DOWN: '1' })).toMatchObject({ status: 1, printed: expect.stringContaining('Throttling') });
    expect(move(commits[0], 'main', {}, { ECR_DOWN: '1' })).toMatchObject({ status: 1, moved: [] });
  });

  test('fails where GitHub does not say what is on the branch, and does not take that for "not there"', () => {
    const down = { GH_DOWN: '1' };
    const printed = expect.stringContaining('HTTP 502');
    expect(isOn(commits[0], 'main', down)).toMatchObject({ status: 1, outputs: {}, printed });
    const newer = { [commits[1]]: 'sha256:newer', latest: 'sha256:newer' };
    expect(move(commits[0], 'main', newer, down)).toMatchObject({ status: 1, moved: [], printed });
  });

  test('moves latest, and the tag of the release as the last of all', () => {
    expect(move(commits[0], 'releases/0.0.2')).toMatchObject({
      status: 0,
      moved: ['latest', 'releases-0.0.2'],
      outputs: { release: 'releases-0.0.2' },
      leftovers: [],
    });
  });

  test('pushes no release, and so dispatches nothing, for the default branch', () => {
    const { moved, outputs } = move(commits[0], 'main');
    expect({ moved, outputs }).toEqual({ moved: ['latest'], outputs: { release: '' } });
    expect(holds(tell?.if, { needs: { publish: { outputs } } })).toBe(false);
  });

  test.each([
    ['releases/0.0.2', 'releases-0.0.2'],
    ['releases/2024/q1%x', 'releases-2024-q1-x'],
    ["releases/$(touch_evil)'", 'releases-touch_evil-'],
  ])('calls the release of the branch %s as lib/config/release.ts does', (branch, tag) => {
    expect(move(commits[0], branch).outputs.release).toBe(tag);
  });

  test('takes no tag back from a newer commit, whose run was faster', () => {
    const [older, newer] = commits;
    const tags = { [newer]: 'sha256:newer', latest: 'sha256:newer', 'releases-0.0.2': 'sha256:newer' };
    const done = move(older, 'releases/0.0.2', tags);

    expect(done).toMatchObject({ status: 0, moved: [], outputs: { release: 'releases-0.0.2' } });
    expect(done.printed).toContain(`releases-0.0.2 stays on ${newer}`);
  });

  test('moves the tags on from an older commit, from one that it knows nothing of, and again in a re-run', () => {
    const [older, newer] = commits;
    for (const before of [older, 'f'.repeat(40), newer]) {
      const tags = { [before]: 'sha256:before', latest: 'sha256:before', 'releases-0.0.2': 'sha256:before' };
      expect(move(newer, 'releases/0.0.2', tags).moved).toEqual(['latest', 'releases-0.0.2']);
    }
  });

  test('offers no image of a commit that a force push took from its branch, and none of a branch that is gone', () => {
    git('checkout', '--quiet', '-b', 'releases/0.0.4', commits[0]);
    const dropped = commit('dropped');
    git('reset', '--quiet', '--hard', commits[0]);
    for (const [one, branch] of [
      [dropped, 'releases/0.0.4'],
      [commits[0], 'releases/0.0.5'],
    ] as const) {
      refused(one, branch);
    }
  });

  test('offers no image of a tag that is called like a branch, which workflow_run does not tell apart', () => {
    git('checkout', '--quiet', '--detach', commits[0]);
    const evil = commit('evil, with a CI that tests nothing');
    for (const branch of ['releases/0.0.2', 'main', 'releases/0.0.8']) {
      git('tag', branch);
      refused(evil, branch);
    }
    git('tag', '--force', 'releases/0.0.2', commits[0]);
    const newer = { [commits[1]]: 'sha256:newer', latest: 'sha256:newer', 'releases-0.0.2': 'sha256:newer' };
    expect(move(commits[0], 'releases/0.0.2', newer).moved).toEqual([]);
    git('tag', '--delete', 'releases/0.0.2', 'main', 'releases/0.0.8');
  });

  function refused(commit: string, branch: string): void {
    const { status, outputs, printed } = isOn(commit, branch);
    expect({ status, outputs }).toEqual({ status: 0, outputs: {} });
    expect(printed).toContain(`::warning::${commit} is not on ${branch}`);
    const contexts = { inputs: { attest: true }, steps: { pushed: { outputs: {} }, branch: { outputs } } };
    for (const name of OFFER) expect(holds(named(name).if, contexts)).toBe(false);
  }

  test('takes the tag back from a commit that was taken from the branch, though others still have it', () => {
    git('branch', '--force', 'releases/0.0.6', commits[0]);
    const tags = { [commits[1]]: 'sha256:newer', latest: 'sha256:newer', 'releases-0.0.6': 'sha256:newer' };
    expect(move(commits[0], 'releases/0.0.6', tags).moved).toEqual(['latest', 'releases-0.0.6']);
  });

  test('builds a folder of what CI tested, and nothing from an address', () => {
    const context = String(named('Build, and push without a tag').with?.context);
    for (const address of ['https://example.com/evil.git#main', 'git@example.com:evil.git']) {
      expect(filledIn(context, { inputs: { context: address } })).toBe(`./${address}`);
    }
  });

  test('sends JSON, whatever the branch is called', () => {
    const payload = String(named('Tell the repository that deploys').with?.['client-payload']);
    const workflow_run = { head_branch: 'releases/0"}\\', head_sha: commits[0] };
    const contexts = {
      inputs: { service: 'web-client' },
      github: { event: { workflow_run } },
      needs: { publish: { outputs: { digest: 'sha256:own' } } },
    };
    expect(JSON.parse(filledIn(payload, contexts))).toEqual({
      service: 'web-client',
      release: 'releases/0"}\\',
      commit: commits[0],
      digest: 'sha256:own',
    });
  });

  test('attests what it built, by which the synth knows it again, and whatever the branch is called', async () => {
    const step = named('Attest where the image comes from');
    const image = { ...pinnedImage('web-client', 'one'), commits: [commits[0]], release: 'releases/0"}@\\' };
    const contexts = {
      inputs: { context: '.', repository: 'web-client', 'dispatch-to': 'acme/platform' },
      github: {
        server_url: 'https://github.com',
        repository: 'acme/web-client',
        run_id: '7',
        run_attempt: '2',
        event: {
          workflow_run: {
            event: 'push',
            conclusion: 'success',
            html_url: 'https://github.com/acme/web-client/actions/runs/6',
            head_branch: image.release,
            head_sha: commits[0],
            head_repository: { full_name: 'acme/web-client' },
          },
        },
      },
    };
    expect(step.with).toMatchObject({ 'push-to-registry': true, 'predicate-type': PREDICATE_TYPE });
    const predicate = JSON.parse(filledIn(String(step.with?.predicate), contexts));
    expect(predicate.runDetails).toEqual({
      builder: { id: PUBLISHER },
      metadata: { invocationId: 'https://github.com/acme/web-client/actions/runs/7/attempts/2' },
    });
    const authority = new LocalAuthority(join(folder, 'authority'));
    const bundle = await authority.attest({ ...attestationOf(image), predicate });
    const roots = trustedRoots({
      TENANTRY_TRUSTED_ROOT: await authority.trustedRoot(),
      AWS_ENDPOINT_URL: 'http://127.0.0.1',
    });
    const attestations = { of: async () => [bundle] };
    const { images } = await proveImages(new ImageSet(REGISTRY, [image]), PROVED, { attestations, roots });
    expect(images[0]?.provenance?.branch).toBe(image.release);
  });

  test('attests what is there already too, and nothing where that is not wanted', () => {
    const { if: condition, with: inputs } = named('Attest where the image comes from');
    const there = { pushed: { outputs: { digest: 'sha256:before' } }, build: { outputs: {} }, ...onBranch };
    expect(holds(condition, { inputs: { attest: true }, steps: there })).toBe(true);
    expect(holds(condition, { inputs: { attest: false }, steps: there })).toBe(false);
    expect(filledIn(String(inputs?.['subject-digest']), { steps: there })).toBe('sha256:before');
  });

  test("gives the App's key to no job that builds anything, and only in an environment", () => {
    expect(JSON.stringify(publish)).not.toContain('secrets.');
    expect(JSON.stringify(tell)).toContain('secrets.TENANTRY_APP_PRIVATE_KEY');
    expect(tell).toMatchObject({ needs: 'publish', environment: { name: 'dispatch' }, permissions: {} });
  });

  test('never uses the commit that workflow_run calls its own, which is the last one of the default branch', () => {
    const text = JSON.stringify(readWorkflow('.github/workflows/publish-image.yml').jobs);
    expect(text).not.toMatch(/github\.(sha|ref)\b/);
    expect(text).not.toContain('GITHUB_SHA');
  });
});
