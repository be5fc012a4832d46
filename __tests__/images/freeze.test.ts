import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../../lib/config/platform';
import { CannotFreeze, freeze, LockInTheWay, unfreeze } from '../../lib/images/freeze';
import { ImageSet } from '../../lib/images/image-set';
import { LockRefused, lockText, readLock } from '../../lib/images/lock';
import { GOOD_PLATFORM, load } from '../config/configuration-files';
import { imageRequest, problem } from './image-requests';
import { inAcme, pinnedImage } from './pinned-images';

describe('freezing a platform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-freeze-'));
  const platformFile = join(folder, 'platform.yaml');
  const lock = join(folder, 'frozen.lock.json');
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    writeFileSync(platformFile, GOOD_PLATFORM);
    rmSync(lock, { force: true });
  });

  const platform = inAcme(load().platform);
  const frozen: Platform = { ...platform, frozen: lock };
  const images = (build: string, tenants = ['acme', 'globex']) =>
    new ImageSet(platform.registry, [pinnedImage('apiserver', build, tenants), pinnedImage('operator', 'now', [])]);
  const options = { platform, platformFile, images: images('now'), replace: false };

  test('writes the lock beside the platform file, and names it there', () => {
    expect(freeze(options)).toEqual({ lock, changed: true, changes: [] });
    expect(readFileSync(lock, 'utf8')).toBe(lockText(platform, options.images));
    expect(readFileSync(platformFile, 'utf8')).toBe(`${GOOD_PLATFORM}frozen: frozen.lock.json\n`);
  });

  test('writes the lock of another platform file under a name of its own', () => {
    const staging = join(folder, 'staging.yaml');
    writeFileSync(staging, GOOD_PLATFORM);
    const own = join(folder, 'staging.frozen.lock.json');
    expect(freeze({ ...options, platformFile: staging })).toEqual({ lock: own, changed: true, changes: [] });
    expect(readFileSync(staging, 'utf8')).toBe(`${GOOD_PLATFORM}frozen: staging.frozen.lock.json\n`);
  });

  test('again, changes nothing: not even where the same images were read elsewhere', () => {
    freeze(options);
    const before = [readFileSync(lock, 'utf8'), readFileSync(platformFile, 'utf8')];
    const live = new ImageSet(
      platform.registry,
      options.images.images.map(({ pushedAt: _, mediaType: __, ...image }) => image),
    );
    expect(freeze({ ...options, platform: frozen, images: live })).toEqual({ lock, changed: false, changes: [] });
    expect([readFileSync(lock, 'utf8'), readFileSync(platformFile, 'utf8')]).toEqual(before);
  });

  test('does not overwrite a lock with other images, and says what that would change', () => {
    freeze(options);
    const other = { ...options, platform: frozen, images: images('next') };
    expect(() => freeze(other)).toThrow(LockInTheWay);
    expect(() => freeze(other)).toThrow(
      /frozen\.lock\.json is there already, with other images\. --replace would change:\n {2}apiserver \w{7} → \w{7} in 2 tenants: acme, globex$/,
    );
    expect(readFileSync(lock, 'utf8')).toBe(lockText(platform, options.images));
  });

  test('overwrites it when it is asked to', () => {
    freeze(options);
    const { changed, changes } = freeze({ ...options, platform: frozen, images: images('next'), replace: true });
    expect(changed).toBe(true);
    expect(changes).toMatchObject([{ service: 'apiserver', tenants: ['acme', 'globex'] }]);
    expect(readFileSync(lock, 'utf8')).toBe(lockText(platform, images('next')));
  });

  test('counts a tenant that the lock does not know as a difference', () => {
    freeze(options);
    expect(() => freeze({ ...options, images: images('now', ['acme', 'globex', 'hooli']) })).toThrow(
      /apiserver nothing → \w{7} in hooli/,
    );
  });

  test.each([true, false])('never overwrites what is no lock of this platform (--replace: %p)', (replace) => {
    for (const text of ['{"name":"package"}', lockText({ ...platform, name: 'staging' }, options.images)]) {
      writeFileSync(lock, text);
      expect(() => freeze({ ...options, replace })).toThrow(LockRefused);
      expect(readFileSync(lock, 'utf8')).toBe(text);
      expect(readFileSync(platformFile, 'utf8')).toBe(GOOD_PLATFORM);
    }
  });

  test('goes where it is told to', () => {
    const elsewhere = join(folder, 'tenants.lock.json');
    freeze({ ...options, lock: elsewhere });
    expect(readFileSync(platformFile, 'utf8')).toContain('frozen: tenants.lock.json\n');
    expect(existsSync(lock)).toBe(false);
    expect(() => freeze({ ...options, platform: { ...platform, frozen: elsewhere }, lock })).toThrow(
      /platform\.yaml is frozen to .*tenants\.lock\.json already\. Leave --lock out, or end that freeze first/,
    );
  });

  test('says which file cannot be written', () => {
    expect(() => freeze({ ...options, lock: join(folder, 'nowhere', 'lock.json') })).toThrow(CannotFreeze);
  });

  describe('and ending it', () => {
    test('takes both away, to the last byte', () => {
      freeze(options);
      expect(unfreeze(frozen, platformFile)).toEqual({ lock });
      expect(readFileSync(platformFile, 'utf8')).toBe(GOOD_PLATFORM);
      expect(existsSync(lock)).toBe(false);
    });

    test('does nothing where there is no freeze', () => {
      expect(unfreeze(platform, platformFile)).toBeUndefined();
      expect(readFileSync(platformFile, 'utf8')).toBe(GOOD_PLATFORM);
    });

    test.each([
      ['was edited', () => lockText(platform, images('now')).replace('acme', 'acne')],
      ['is no lock at all', () => 'precious'],
    ])('leaves a file that %s, and says so', (_, text) => {
      freeze(options);
      writeFileSync(lock, text());
      expect(unfreeze(frozen, platformFile)).toEqual({ lock, left: expect.stringContaining('is refused') });
      expect(existsSync(lock)).toBe(true);
      expect(readFileSync(platformFile, 'utf8')).toBe(GOOD_PLATFORM);
    });

    test('also works where the lock is gone already', () => {
      freeze(options);
      rmSync(lock);
      expect(unfreeze(frozen, platformFile)).toEqual({ lock });
      expect(readFileSync(platformFile, 'utf8')).toBe(GOOD_PLATFORM);
    });
  });

  describe('for tenants and services that come later', () => {
    test('says how to go on where the lock has no image for them', async () => {
      freeze(options);
      const { message } = await problem(readLock(lock, frozen), imageRequest('billing'));
      expect(message).toMatch(
        /frozen\.lock\.json cannot answer\. It has no image of it\. The platform is frozen to it\. "npx tenantry freeze --replace" freezes it anew: .* "npx tenantry unfreeze" ends the freeze\.$/,
      );
    });

    test('says that the lock is gone, and what to do', () => {
      expect(() => readLock(lock, frozen)).toThrow(
        /there is no such file, and "frozen" in the platform file names it\. Bring it back, or end the freeze with "npx tenantry unfreeze"$/,
      );
    });
  });
});
