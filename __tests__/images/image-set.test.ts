import { ImageSet } from '../../lib/images/image-set';
import { commitOf, imageReference, isCommit, isDigest, registryHost } from '../../lib/images/pinned-image';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

describe('the images of a run', () => {
  const apiserver = pinnedImage('apiserver', 'one', ['acme', 'globex']);
  const operator = pinnedImage('operator', 'one', []);
  const images = new ImageSet(REGISTRY, [operator, apiserver]);

  test('are found by tenant and service', () => {
    expect(images.findImage('globex', 'apiserver')).toBe(apiserver);
    expect(images.findOperator()).toBe(operator);
  });

  test('are sorted by service, release and digest, whatever order they came in', () => {
    const other = { ...apiserver, digest: digestOf('other') };
    const later = { ...apiserver, release: 'releases/0.0.3' };
    const expected = [...[apiserver, other].sort((a, b) => (a.digest < b.digest ? -1 : 1)), later, operator];
    for (const order of [
      [operator, later, other, apiserver],
      [apiserver, other, later, operator],
    ])
      expect(new ImageSet(REGISTRY, order).images).toEqual(expected);
  });

  test.each([
    ['tenant', 'nobody', 'apiserver'],
    ['service', 'globex', 'billing'],
  ])('have none for a %s that was not asked for', (_, tenant, service) => {
    expect(() => images.findImage(tenant, service)).toThrow(
      `the image set has no image of ${service} for tenant ${tenant}`,
    );
  });

  test('have no operator where none was asked for', () => {
    expect(() => new ImageSet(REGISTRY, [apiserver]).findOperator()).toThrow('no image of the operator');
  });

  test('are referred to by digest, never by tag', () => {
    expect(images.reference(apiserver)).toBe(
      `123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/apiserver@${apiserver.digest}`,
    );
  });
});

test('in China, the registry has another domain', () => {
  const registry = { account: '123456789012', region: 'cn-northwest-1' };
  expect(registryHost(registry)).toBe('123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn');
  expect(imageReference(registry, pinnedImage('a', 'one'))).toContain('.amazonaws.com.cn/acme/a@sha256:');
});

test('the commit to show is the first of them', () => {
  expect(commitOf({ ...pinnedImage('a', 'one'), commits: ['a'.repeat(40), 'b'.repeat(40)] })).toBe('a'.repeat(40));
});

test.each(['', 'a'.repeat(39), 'a'.repeat(41), 'A'.repeat(40), 'g'.repeat(40), `${'a'.repeat(40)}\n`])(
  '%j is no commit',
  (text) => expect(isCommit(text)).toBe(false),
);

test.each([
  '',
  'sha256:',
  `sha256:${'a'.repeat(63)}`,
  `sha512:${'a'.repeat(64)}`,
  'a'.repeat(64),
  `${digestOf('a')}\n`,
])('%j is no digest', (text) => expect(isDigest(text)).toBe(false));

test('a git SHA is a commit, and a sha256 a digest', () => {
  expect(isCommit(commitNamed('a'))).toBe(true);
  expect(isDigest(digestOf('a'))).toBe(true);
});
