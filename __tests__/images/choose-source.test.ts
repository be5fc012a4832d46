import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseSource } from '../../lib/images/choose-source';
import { ImageSet } from '../../lib/images/image-set';
import { LiveSource } from '../../lib/images/live';
import { LiveCommits } from '../../lib/images/live-commits';
import { LockRefused, LockSource, lockText } from '../../lib/images/lock';
import { registryHost } from '../../lib/images/pinned-image';
import { load } from '../config/configuration-files';
import { withAwsEnvironment } from './aws-environment';
import { imageRequest, resolved } from './image-requests';
import { commitNamed, digestOf } from './local-ecr';
import { inAcme, pinnedImage } from './pinned-images';

const platform = inAcme(load().platform);
const nothingRuns = async () => [];
const notAsked = async () => {
  throw new Error('the cluster was asked');
};

describe('where images come from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-source-'));
  const lock = join(folder, 'images.lock.json');
  const frozen = { ...platform, frozen: lock };
  beforeAll(() =>
    writeFileSync(lock, lockText(platform, new ImageSet(platform.registry, [pinnedImage('apiserver', 'locked')]))),
  );
  afterAll(() => rmSync(folder, { recursive: true }));
  withAwsEnvironment(() => 'http://nothing.invalid');

  test.each([undefined, '', 'ecr'])('with IMAGES %p is ECR, and the cluster is not asked', async (images) => {
    const { source, description } = chooseSource(images, platform, notAsked);
    expect(source).toBeInstanceOf(LiveCommits);
    expect(description).toBe('ECR, as it is now');
  });

  test('with IMAGES=live is what runs now', async () => {
    const image = {
      service: 'apiserver',
      registry: registryHost(platform.registry),
      repository: 'acme/apiserver',
      tag: 'releases-0.0.2',
      tenant: 'globex',
      digest: digestOf('live'),
      commit: commitNamed('live'),
    };
    const { source, description } = chooseSource('live', platform, async () => [image]);
    expect(source).toBeInstanceOf(LiveSource);
    expect(description).toContain('what runs now');
    expect((await resolved(source, imageRequest('apiserver'))).images[0]?.digest).toBe(digestOf('live'));
  });

  test('with IMAGES=live fails when the cluster cannot be read', async () => {
    const { source } = chooseSource('live', platform, notAsked);
    await expect(source.resolve(imageRequest('apiserver'))).rejects.toThrow('the cluster was asked');
  });

  test('with the path of a lock is that lock', async () => {
    const { source, description } = chooseSource(lock, platform, notAsked);
    expect(source).toBeInstanceOf(LockSource);
    expect(description).toBe(`the lock ${lock}`);
    expect((await resolved(source, imageRequest('apiserver'))).images[0]?.digest).toBe(digestOf('apiserver locked'));
  });

  test.each(['ECR', 'Live', 'nowhere.json'])('with IMAGES=%s, which is no file, is refused', async (images) => {
    expect(() => chooseSource(images, platform, nothingRuns)).toThrow(LockRefused);
  });

  describe('while the platform is frozen', () => {
    test('is the lock, and every run says so', async () => {
      const { source, description } = chooseSource(undefined, frozen, notAsked);
      expect(source).toBeInstanceOf(LockSource);
      expect(description).toContain('THE PLATFORM IS FROZEN');
      expect(description).toContain(lock);
      expect(description).toContain('until "frozen" leaves the platform file');
    });

    test.each(['ecr', 'live'])('IMAGES=%s goes before that, and says so', async (images) => {
      const { source, description } = chooseSource(images, frozen, nothingRuns);
      expect(source).not.toBeInstanceOf(LockSource);
      expect(description).toContain('the platform is frozen, but IMAGES goes before that');
    });

    test('by a lock that is not there, nothing is deployed', async () => {
      const nowhere = { ...platform, frozen: join(folder, 'nowhere.json') };
      expect(() => chooseSource(undefined, nowhere, notAsked)).toThrow(LockRefused);
    });
  });
});
