import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ecrRepository } from '../../lib/config/names';
import { releaseTag } from '../../lib/config/release';
import { ImageSet } from '../../lib/images/image-set';
import { LockRefused, lockText, readLock } from '../../lib/images/lock';
import { isCommit, isDigest, type PinnedImage } from '../../lib/images/pinned-image';
import { release, tenantName } from '../../lib/tenant/names';
import { explain } from '../../lib/text/explained-error';
import { load } from '../config/configuration-files';
import { inAcme, pinnedImage } from './pinned-images';

const platform = inAcme(load().platform);
const good = [pinnedImage('apiserver', 'now', ['globex', 'hooli']), pinnedImage('operator', 'now', [])];

/** A lock is no secret: whoever writes one gives it the checksum that it needs. */
describe('a lock with a checksum that is right', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-lock-'));
  const file = join(folder, 'evil.lock.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (...images: readonly PinnedImage[]) =>
    writeFileSync(file, lockText(platform, { images } as unknown as ImageSet));
  const refusal = (...images: readonly PinnedImage[]): string => {
    write(...images);
    try {
      readLock(file, platform);
    } catch (error) {
      expect(error).toBeInstanceOf(LockRefused);
      return (error as LockRefused).message;
    }
    throw new Error('the lock was accepted');
  };
  const [first, operator] = good as [PinnedImage, PinnedImage];

  test('is read where a run could have written it', () => {
    write(first, operator);
    expect(readLock(file, platform).images).toEqual(good);
  });

  test.each<[string, Partial<PinnedImage>, string]>([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
    ['Terraform', { repository: 'x/${filebase64("/etc/hostname")}' }, 'images.0.repository: must be an ECR repository'],
    ['another repository', { repository: 'evil/apiserver' }, 'images.0.repository: is evil/apiserver, and that of'],
    ['a foreign registry', { repository: 'docker.io/acme/apiserver' }, 'images.0.repository: is docker.io/acme/apiser'],
    ['another tag', { tag: 'releases-0.0.9' }, 'images.0.tag: is releases-0.0.9, and that of releases/0.0.2 is'],
    ['a release that is none', { release: 'main' }, 'images.0.release: must be a release branch'],
    ['a service that is none', { service: 'API' }, 'images.0.service: must be lower-case'],
    ['a tenant that is none', { tenants: ['globex', '../x'] }, 'images.0.tenants.1: must be lower-case'],
    ['a tenant twice', { tenants: ['globex', 'globex'] }, 'images.0.tenants: apiserver of globex is in images.0 alr'],
    ['a media type that is none', { mediaType: '\x1b[2J' }, 'images.0.mediaType: is no media type'],
    ['an operator of a tenant', { ...operator, tenants: ['globex'] }, 'images.0.tenants: the operator is of no tenant'],
  ])('is refused with %s, and says which field that is', (_, change, message) => {
    expect(refusal({ ...first, ...change })).toContain(message);
  });

  test('is refused where a tenant, or the operator, has two images of a service', () => {
    const other = pinnedImage('apiserver', 'other', ['hooli']);
    expect(refusal(first, other)).toContain('images.1.tenants: apiserver of hooli is in images.0 already');
    expect(refusal(operator, pinnedImage('operator', 'other', []))).toContain('the operator is in images.0 already');
  });

  test('says what to do: anew where it freezes the platform, another where it is replayed', () => {
    const moved = { ...platform, services: platform.services.map((one) => ({ ...one, repository: 'moved' })) };
    write(first, operator);
    expect(() => readLock(file, moved)).toThrow(/Take a lock that a run of it wrote/);
    expect(() => readLock(file, { ...moved, frozen: file })).toThrow(/"npx tenantry freeze --replace" freezes it anew/);
  });

  test('is read where it has a service that the platform has no more: nobody asks for it', () => {
    write(pinnedImage('billing', 'then'), ...good);
    expect(readLock(file, platform).images).toHaveLength(3);
  });

  const text = fc.oneof(
    fc.constantFrom(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
      '${file("/etc/passwd")}',
      '%{ for x in y }',
      '$${',
      '"',
      '\\',
      '\u202e',
      '::error::',
      'acme/apiserver',
    ),
    fc.string({ unit: 'binary' }),
  );
  const hostile = fc.record({
    service: fc.oneof(text, fc.constantFrom('apiserver', 'operator', 'gone')),
    release: fc.oneof(text, fc.constant('releases/0.0.2')),
    repository: text,
    tag: fc.oneof(text, fc.constant('releases-0.0.2')),
    digest: fc.oneof(text, fc.constant(first.digest)),
    commits: fc.array(fc.oneof(text, fc.constantFrom(...first.commits)), { maxLength: 2 }),
    tenants: fc.array(fc.oneof(text, fc.constant('globex')), { maxLength: 2 }),
  });

  test('gives nothing but what the files could say, whatever stands in it', () => {
    fc.assert(
      fc.property(hostile, (image) => {
        write(image as PinnedImage);
        try {
          for (const one of readLock(file, platform).images) {
            expect(release.safeParse(one.release).success).toBe(true);
            expect(ecrRepository.safeParse(one.repository).success).toBe(true);
            expect(one.tag).toBe(releaseTag(one.release));
            expect(isDigest(one.digest)).toBe(true);
            expect(one.commits.every(isCommit)).toBe(true);
            expect(one.tenants.every((tenant) => tenantName.safeParse(tenant).success)).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof LockRefused)) throw error;
          expect(explain(error).replaceAll('\n', ' ')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[|(?<!\S)::/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('the lock of a run is accepted by the platform of the run, whatever is released', () => {
  const releases = fc.stringMatching(/^releases\/[A-Za-z0-9_][A-Za-z0-9._/-]{0,40}[A-Za-z0-9]$/);
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-lock-'));
  const file = join(folder, 'images.lock.json');
  const hash = (value: string) => createHash('sha256').update(value).digest('hex');
  fc.assert(
    fc.property(fc.uniqueArray(releases, { minLength: 1, maxLength: 4 }), (all) => {
      const images = all.map((one, index) => ({
        ...pinnedImage('apiserver', one, [`tenant-${index}`]),
        release: one,
        tag: releaseTag(one),
        commits: [hash(one).slice(0, 40)],
      }));
      const set = new ImageSet(platform.registry, images);
      writeFileSync(file, lockText(platform, set));
      expect(readLock(file, platform).images).toEqual(set.images);
    }),
  );
  rmSync(folder, { recursive: true });
});
