import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GOOD_PLATFORM, GOOD_TENANT } from '../config/configuration-files';

const TENANTRY = join(__dirname, '../../cli/tenantry.js');

/** What a job sees of a pull request: the commit that it was merged into, and the merge. */
describe('tenantry review', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tenantry-review-')));
  const output = join(root, 'output');
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: root });
  const commit = (platform: string | null) => {
    const file = join(root, 'environments/production.yaml');
    if (platform === null) rmSync(file, { force: true });
    else writeFileSync(file, platform);
    git('add', '--all', 'environments');
    git('commit', '-q', '--allow-empty', '-m', 'x');
  };
  beforeAll(() => {
    mkdirSync(join(root, 'environments/tenants'), { recursive: true });
    writeFileSync(join(root, 'environments/tenants/globex.yaml'), GOOD_TENANT);
    git('init', '-q');
    commit('');
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const FROZEN = `${GOOD_PLATFORM}frozen: frozen.lock.json\n`;
  const review = (before: string) => {
    writeFileSync(output, '');
    const { status, stdout, stderr } = spawnSync(process.execPath, [TENANTRY, 'review', before], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, PLATFORM: 'environments/production.yaml', GITHUB_OUTPUT: output },
    });
    return { status, stdout, stderr, written: readFileSync(output, 'utf8') };
  };

  test.each([
    ['a change of files', GOOD_PLATFORM, GOOD_PLATFORM, 'images=live\nnote=\n'],
    ['a platform that is new', null, GOOD_PLATFORM, 'images=live\nnote=\n'],
    ['a freeze', GOOD_PLATFORM, FROZEN, /^images=\nnote=This freezes/],
    ['another lock', FROZEN, FROZEN, /^images=\nnote=Planned with the lock/],
    ['the end of a freeze', FROZEN, GOOD_PLATFORM, /^images=ecr\nnote=This ends the freeze\./],
    ['the end of a freeze of a file that was wrong', `nmae: x\n${FROZEN}`, GOOD_PLATFORM, /^images=ecr\n/],
  ])('gives the images of %s to the next step', (_, before, after, expected) => {
    commit(before);
    commit(after);
    const { status, written, stdout } = review('HEAD^1');
    expect(status).toBe(0);
    if (typeof expected === 'string') expect(written).toBe(expected);
    else expect(written).toMatch(expected);
    expect(stdout).toBe(written);
  });

  test.each(['0123456789012345678901234567890123456789', 'nowhere', '--upload-pack=x'])(
    'could not tell where the commit is not there: %s',
    (before) => {
      const { status, stderr, written } = review(before);
      expect(status).toBe(2);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(written).toBe('');
    },
  );
});
