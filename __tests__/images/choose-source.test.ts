import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseSource, NothingBefore } from '../../lib/images/choose-source';
import { ConvergedSource } from '../../lib/images/converged';
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

  describe('after another environment', () => {
    const before = { file: 'staging.yaml', name: 'acme-staging', registry: platform.registry };
    const after = { ...platform, after: before };
    const handed = join(folder, 'converged.lock.json');
    beforeAll(() =>
      writeFileSync(
        handed,
        lockText(
          { ...platform, name: before.name },
          new ImageSet(platform.registry, [pinnedImage('apiserver', 'good')]),
        ),
      ),
    );

    test('is what that has converged on', () => {
      const { source, description } = chooseSource(undefined, after, notAsked, handed);
      expect(source).toBeInstanceOf(ConvergedSource);
      expect(description).toBe('what staging.yaml has converged on');
    });

    test('is what runs now, where nobody says that it has converged', () => {
      const { source, description } = chooseSource('', after, notAsked, '');
      expect(source).toBeInstanceOf(ConvergedSource);
      expect(description).toBe('what runs now');
    });

    test('is what a person chose, who is told so; a freeze too', () => {
      const chosen = chooseSource('ecr', after, notAsked, handed);
      expect(chosen.source).toBeInstanceOf(LiveCommits);
      expect(chosen.description).toContain('takes images after staging.yaml, but IMAGES goes before that');
      expect(chooseSource(undefined, { ...after, frozen: lock }, notAsked, handed).source).toBeInstanceOf(LockSource);
    });

    test('is nothing that another environment has converged on, and nothing where there is no such environment', () => {
      expect(() => chooseSource(undefined, after, notAsked, lock)).toThrow(
        /it belongs to the platform "acme", and this is "acme-staging"/,
      );
      expect(() => chooseSource(undefined, platform, notAsked, handed)).toThrow(NothingBefore);
    });
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
