import fc from 'fast-check';
import { EcrSource } from '../../lib/images/ecr';
import { ImageSet } from '../../lib/images/image-set';
import { type Pin, PinRefused, pinCommits, withPinned } from '../../lib/images/pin';
import type { PinnedImage } from '../../lib/images/pinned-image';
import { withAwsEnvironment } from './aws-environment';
import { FaultProxy } from './fault-proxy';
import { commitNamed, digestOf, INSTALLATION, LocalEcr, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

describe('pinning a service to a commit', () => {
  const ecr = new LocalEcr();
  const proxy = new FaultProxy(() => ecr.endpoint);
  const [old, now] = [commitNamed('old'), commitNamed('now')];
  const twins = ['abcdef00', 'abcdef01'].map((start) => start.padEnd(40, '0'));
  let digest: string;

  beforeAll(async () => {
    await Promise.all([ecr.start(), proxy.start()]);
    await ecr.createRepository('acme/web-client');
    digest = await ecr.push('acme/web-client', 'old', [old, 'releases-0.0.1']);
    await ecr.push('acme/web-client', 'now', [now, 'latest', 'releases-0.0.2']);
    for (const twin of twins) await ecr.push('acme/web-client', twin, [twin]);
  }, INSTALLATION);
  afterAll(async () => {
    await proxy.stop();
    await ecr.stop();
  });
  afterEach(() => proxy.reset());
  withAwsEnvironment(() => proxy.endpoint);

  const live = new ImageSet(REGISTRY, [
    pinnedImage('apiserver', 'now', ['acme', 'globex']),
    pinnedImage('web-client', 'now', ['acme', 'globex']),
  ]);
  const pinned = (pin: Partial<Pin>, ...others: readonly Pin[]) =>
    pinCommits(
      live,
      [{ service: 'web-client', commit: old, tenants: ['acme', 'globex'], ...pin }, ...others],
      new EcrSource(REGISTRY),
    );

  test('gives every tenant the image that has the commit as its tag, and leaves all else', async () => {
    const set = await pinned({});
    expect(set.images).toEqual([
      live.images[0],
      {
        service: 'web-client',
        release: 'releases/0.0.2',
        repository: 'acme/web-client',
        tag: 'releases-0.0.2',
        digest,
        commits: [old],
        pushedAt: expect.any(String),
        mediaType: expect.any(String),
        tenants: ['acme', 'globex'],
      },
    ]);
  });

  test('gives it to one tenant alone', async () => {
    const set = await pinned({ tenants: ['globex'] });
    expect(set.findImage('globex', 'web-client').digest).toBe(digest);
    expect(set.findImage('acme', 'web-client').digest).toBe(digestOf('web-client now'));
    expect(set.images).toHaveLength(3);
  });

  test('takes the first digits of a commit where no other begins so', async () => {
    const set = await pinned({ commit: old.slice(0, 7) });
    expect(set.findImage('acme', 'web-client').commits).toEqual([old]);
  });

  test.each([
    ['six digits', 'abcdef', /this is no commit: give/],
    ['a branch', 'main', /this is no commit: give the 40 digits/],
    ['a digest', digestOf('x'), /this is no commit/],
    ['too many digits', `${commitNamed('x')}0`, /this is no commit/],
    ['digits that no commit has', '0123456', /ECR has no image of such a commit in acme\/web-client/],
    ['a commit without an image', commitNamed('nowhere'), /ECR has no image of this commit in acme\/web-client/],
  ])('is refused where it is %s: %s', async (_, commit, reason) => {
    await expect(pinned({ commit })).rejects.toThrow(reason);
  });

  test('is refused where several commits begin so, and names them', async () => {
    await expect(pinned({ commit: 'abcdef0' })).rejects.toThrow(
      `web-client abcdef0: several commits begin so: ${twins.join(', ')}. Give more digits.`,
    );
  });

  test('asks for all digits where the repository is too big to look through', async () => {
    proxy.fault = () => ({ status: 200, body: { imageDetails: [], nextToken: 'more' } });
    await expect(pinned({ commit: '0123456' })).rejects.toThrow(
      'acme/web-client has too many images to find a commit by its first digits. Give all 40: git rev-parse 0123456',
    );
    expect(proxy.asked).toHaveLength(5);
  });

  test('names every service that it is refused for', async () => {
    const refusal = await pinned({ commit: 'main' }, { service: 'apiserver', commit: old, tenants: [] }).catch(
      (error) => error,
    );
    expect(refusal).toBeInstanceOf(PinRefused);
    expect(refusal.message).toMatch(
      /^nothing was frozen:\n {2}web-client main: .*\n {2}apiserver .*There is no such repository/,
    );
  });
});

test('what is pinned changes for the tenants that it is pinned for and the service, and for nobody and nothing else', () => {
  const names = ['a', 'b', 'c', 'd'];
  const image = fc
    .tuple(fc.constantFrom('one', 'two'), fc.constantFrom('releases/1', 'releases/2'))
    .map(([build, release]) => ({ build, release }));
  const fleet = fc.tuple(
    ...['web-client', 'apiserver'].flatMap((service) =>
      names.map((tenant) => image.map((one) => ({ service, tenant, ...one }))),
    ),
  );
  fc.assert(
    fc.property(fleet, fc.subarray(names), (rows, tenants) => {
      const images = setOf(rows);
      const set = withPinned(images, { service: 'web-client', tenants }, pinnedImage('web-client', 'two'));
      for (const { service, tenant, release } of rows) {
        const [before, after] = [images.findImage(tenant, service), set.findImage(tenant, service)];
        const isPinned = service === 'web-client' && tenants.includes(tenant);
        expect(after.digest).toBe(isPinned ? digestOf('web-client two') : before.digest);
        expect(after.release).toBe(release);
      }
      const keys = set.images.map((one) => `${one.service} ${one.release} ${one.digest}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const one of set.images) expect([...one.tenants].sort()).toEqual(one.tenants);
    }),
  );
});

test('the operator is pinned like any service', () => {
  const images = new ImageSet(REGISTRY, [pinnedImage('operator', 'now', []), pinnedImage('apiserver', 'now')]);
  const set = withPinned(images, { service: 'operator', tenants: [] }, pinnedImage('operator', 'old', []));
  expect(set.findOperator().digest).toBe(digestOf('operator old'));
  expect(set.images).toHaveLength(2);
});

function setOf(rows: readonly { service: string; tenant: string; build: string; release: string }[]): ImageSet {
  const entries = new Map<string, PinnedImage & { tenants: string[] }>();
  for (const { service, tenant, build, release } of rows) {
    const key = `${service} ${build} ${release}`;
    const entry = entries.get(key) ?? { ...pinnedImage(service, build), release, tag: release, tenants: [] };
    entry.tenants.push(tenant);
    entries.set(key, entry);
  }
  return new ImageSet(REGISTRY, [...entries.values()]);
}
