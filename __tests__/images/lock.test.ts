import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../../lib/config/platform';
import { ImageSet } from '../../lib/images/image-set';
import { LockRefused, lockText, readLock } from '../../lib/images/lock';
import { imageRequests } from '../../lib/images/request';
import { load } from '../config/configuration-files';
import { imageRequest, problem, resolved } from './image-requests';
import { commitNamed, digestOf } from './local-ecr';
import { inAcme, pinnedImage } from './pinned-images';

const { platform, tenants } = load({ 'tenants/hooli.yaml': 'host: hooli.example.com\nrelease: releases/0.0.3\n' });

/** The images of a run, from ECR as it were. */
const images = new ImageSet(
  platform.registry,
  imageRequests(platform, tenants).map((request, n) => ({
    ...request,
    digest: digestOf(`${n}`),
    commits: [commitNamed(`${n}`), commitNamed(`${n} again`)].sort(),
    ...(n === 0 ? {} : { pushedAt: '2026-11-22T06:00:00.000Z', mediaType: 'application/vnd.oci.image.index.v1+json' }),
  })),
);

describe('the lock of a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-lock-'));
  const file = join(folder, 'images.lock.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  const text = lockText(platform, images);
  const write = (content: string) => writeFileSync(file, content);
  /** The lock with a part of its text replaced. */
  const edit = (part: string, by: string) => {
    if (!text.includes(part)) throw new Error(`there is no "${part}" in the lock`);
    write(text.replace(part, by));
  };

  describe('as it is written', () => {
    test('is the same text for the same images, in whatever order they came', () => {
      const reversed = new ImageSet(platform.registry, [...images.images].reverse());
      expect(lockText(platform, reversed)).toBe(text);
    });

    test('is the same text whatever the order of their fields', () => {
      const shuffled = images.images.map((image) => Object.fromEntries(Object.entries(image).reverse()));
      expect(lockText(platform, new ImageSet(platform.registry, shuffled as never))).toBe(text);
    });

    test('says who attested an image, and keeps the text of before where nobody was asked', () => {
      const provenance = { signer: 'acme/platform/x.yml@refs/heads/main', branch: 'main', run: 'https://github.com/x' };
      const proved = new ImageSet(
        platform.registry,
        images.images.map((image) => ({ ...image, provenance })),
      );
      write(lockText(platform, proved));
      expect(readLock(file, platform).images.map((image) => image.provenance)).toContainEqual(provenance);
      expect(text).not.toContain('provenance');
      write(lockText(platform, proved).replace('x.yml', 'y.yml'));
      expect(() => readLock(file, platform)).toThrow('edited since');
    });

    test('is JSON that ends with a line end', () => {
      expect(JSON.parse(text)).toMatchObject({
        version: 1,
        platform: 'acme',
        registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
        checksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      });
      expect(text).toMatch(/[^\n]\n$/);
    });

    test('holds every image, sorted by service and release', () => {
      const { images: locked } = JSON.parse(text) as { images: { service: string; release: string }[] };
      expect(locked.map(({ service, release }) => `${service} ${release}`)).toEqual([
        'apiserver releases/0.0.2',
        'apiserver releases/0.0.3',
        'operator releases/0.0.2',
        'web-client releases/0.0.2',
        'web-client releases/0.0.3',
      ]);
    });
  });

  describe('replayed', () => {
    test('gives the same images, down to the last byte of the next lock', async () => {
      write(text);
      const replayed = await resolved(readLock(file, platform), ...imageRequests(platform, tenants));
      expect(replayed.images).toEqual(images.images);
      expect(lockText(platform, replayed)).toBe(text);
    });

    test('gives them with the line ends of Windows, and formatted by somebody else', async () => {
      write(JSON.stringify(JSON.parse(text)).replaceAll(',', ',\r\n'));
      const replayed = await resolved(readLock(file, platform), ...imageRequests(platform, tenants));
      expect(lockText(platform, replayed)).toBe(text);
    });

    test('gives a tenant that it does not know what the others of its release have', async () => {
      write(text);
      const { findImage } = await replay(imageRequest('apiserver', { tenants: ['globex', 'newcomer'] }));
      expect(findImage('newcomer')).toBe(findImage('globex'));
    });

    test('leaves tenants out that are gone', async () => {
      write(text);
      const { set } = await replay(imageRequest('apiserver', { tenants: ['newcomer'] }));
      expect(set.images.map((image) => image.tenants)).toEqual([['newcomer']]);
    });

    test('has no answer for a service or release that was not in its run', async () => {
      write(text);
      for (const request of [imageRequest('billing'), imageRequest('apiserver', { release: 'releases/0.0.9' })]) {
        const { kind, message } = await problem(readLock(file, platform), request);
        expect(kind).toBe('not-locked');
        expect(message).toBe(
          `The lock ${file} cannot answer. It has no image of it. Replay it with the configuration of its run, or resolve anew without it.`,
        );
      }
    });
  });

  describe('with several images of one release', () => {
    const before = pinnedImage('apiserver', 'before', ['acme', 'globex']);
    const after = pinnedImage('apiserver', 'after', ['hooli']);
    const acme = inAcme(platform);
    const mixed = lockText(acme, new ImageSet(platform.registry, [before, after]));

    test('gives every tenant its own', async () => {
      write(mixed);
      const { findImage } = await replay(imageRequest('apiserver', { tenants: ['acme', 'globex', 'hooli'] }), acme);
      expect([findImage('acme'), findImage('globex'), findImage('hooli')]).toEqual([
        before.digest,
        before.digest,
        after.digest,
      ]);
    });

    test('is replayed to the last byte', async () => {
      write(mixed);
      const { set } = await replay(imageRequest('apiserver', { tenants: ['acme', 'globex', 'hooli'] }), acme);
      expect(lockText(acme, set)).toBe(mixed);
    });

    test('leaves out an image that nobody runs any more', async () => {
      write(mixed);
      const { set } = await replay(imageRequest('apiserver', { tenants: ['acme'] }), acme);
      expect(set.images).toEqual([{ ...before, tenants: ['acme'] }]);
    });

    test('does not guess which one a newcomer gets', async () => {
      write(mixed);
      const request = imageRequest('apiserver', { tenants: ['acme', 'newcomer', 'stranger'] });
      const { kind, message } = await problem(readLock(file, acme), request);
      expect(kind).toBe('not-locked');
      expect(message).toContain('It has 2 images of it, and none is marked for newcomer, stranger.');
    });
  });

  describe('is refused', () => {
    test.each<[string, () => [string, string]]>([
      ['a digest', () => [images.images[0]?.digest ?? '', digestOf('another')]],
      ['a commit', () => [images.images[0]?.commits[0] ?? '', commitNamed('another')]],
      ['a tenant', () => ['"globex"', '"glob"']],
      ['a repository', () => ['"repository": "apiserver"', '"repository": "evil/apiserver"']],
      ['the time of a push', () => ['2026-11-22T06', '2026-11-22T07']],
    ])('after %s was edited', (_, change) => {
      const [part, by] = change();
      edit(part, by);
      expect(() => readLock(file, platform)).toThrow(
        `the lock ${file} is refused: it was edited since it was written (its checksum differs). Take the lock of a run as it is`,
      );
    });

    test('after its checksum was edited', () => {
      write(JSON.stringify({ ...JSON.parse(text), checksum: digestOf('another') }));
      expect(() => readLock(file, platform)).toThrow('it was edited since it was written');
    });

    test('after an image was taken out', () => {
      const lock = JSON.parse(text) as { images: unknown[] };
      lock.images.pop();
      write(JSON.stringify(lock));
      expect(() => readLock(file, platform)).toThrow('it was edited since it was written');
    });

    test("for another platform's, even where nothing was edited", () => {
      write(lockText({ ...platform, name: 'acme-staging' }, images));
      expect(() => readLock(file, platform)).toThrow(
        `the lock ${file} is refused: it belongs to the platform "acme-staging", and this is "acme"`,
      );
    });

    test.each([
      [{ account: '210987654321', region: 'eu-central-1' }, '210987654321.dkr.ecr.eu-central-1.amazonaws.com'],
      [{ account: '123456789012', region: 'cn-north-1' }, '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn'],
    ])('for another registry (%#)', (registry, host) => {
      write(lockText({ ...platform, registry }, images));
      expect(() => readLock(file, platform)).toThrow(
        `the lock ${file} is refused: its images lie in ${host}, and the platform's in 123456789012.dkr.ecr.eu-central-1.amazonaws.com`,
      );
    });

    test('for another version, which is said before anything else that is wrong', () => {
      write('{ "version": 2, "pictures": [] }');
      expect(() => readLock(file, platform)).toThrow(
        `the lock ${file} is refused: it has version 2, and this program reads version 1`,
      );
    });

    test.each([
      ['nothing', ''],
      ['half of it', text.slice(0, text.length / 2)],
      ['something else', 'images: []'],
    ])('for holding %s, which is no JSON', (_, content) => {
      write(content);
      expect(() => readLock(file, platform)).toThrow(
        new RegExp(`^the lock ${file} is refused: it is not JSON, so it is no lock or only a part of one \\(.+\\)$`),
      );
    });

    test.each(['null', '[]', '{}', '"text"', '1', '{"version": "1"}', '{"version": 1, "images": [null]}'])(
      'for holding %s, which is no lock',
      (content) => {
        write(content);
        const error = refusal(platform);
        expect(error).toBeInstanceOf(LockRefused);
        expect(error.message).toContain(`the lock ${file} is refused: it is no lock of images (`);
        expect(error.message).not.toMatch(/undefined|\[object/);
      },
    );

    test.each([
      ['digest', '"sha256:short"', 'images.0.digest: is not a sha256 digest'],
      ['commits', '[]', 'images.0.commits: '],
      ['commits', '["main"]', 'images.0.commits.0: is not a full git SHA'],
      ['pushedAt', '"yesterday"', 'images.0.pushedAt: '],
      ['extra', '1', 'images.0: '],
    ])('for an image whose %s is %s', (field, value, reason) => {
      const lock = JSON.parse(text) as { images: Record<string, unknown>[] };
      lock.images[0] = { ...lock.images[0], [field]: JSON.parse(value) };
      write(JSON.stringify(lock));
      expect(refusal(platform).message).toContain(reason);
    });

    test('for not being there', () => {
      const error = refusal(platform, join(folder, 'nowhere.json'));
      expect(error.message).toContain(
        `the lock ${join(folder, 'nowhere.json')} is refused: there is no such file. Every synth writes a lock`,
      );
    });

    test('for being a folder', () => {
      mkdirSync(join(folder, 'folder'));
      expect(refusal(platform, join(folder, 'folder')).message).toContain('is refused: it cannot be read: EISDIR');
    });

    test('with its file and the cause at hand', () => {
      const error = refusal(platform, join(folder, 'nowhere.json'));
      expect(error.file).toBe(join(folder, 'nowhere.json'));
      expect(error.cause).toMatchObject({ code: 'ENOENT' });
    });
  });

  test('is as it was after it was read', () => {
    write(text);
    readLock(file, platform);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  function refusal(of: Platform, path = file): LockRefused {
    try {
      readLock(path, of);
    } catch (error) {
      return error as LockRefused;
    }
    throw new Error('the lock was accepted');
  }

  async function replay(request: ReturnType<typeof imageRequest>, of = platform) {
    const set = await resolved(readLock(file, of), request);
    return { set, findImage: (tenant: string) => set.findImage(tenant, request.service).digest };
  }
});
