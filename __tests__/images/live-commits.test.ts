import fc from 'fast-check';
import { ImageSet } from '../../lib/images/image-set';
import type { RunningImage } from '../../lib/images/live';
import { keepLiveCommits, LiveCommits } from '../../lib/images/live-commits';
import { commitOf, type PinnedImage, registryHost } from '../../lib/images/pinned-image';
import { imageRequest } from './image-requests';
import { commitNamed, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

const [first, second, third] = [commitNamed('1'), commitNamed('2'), commitNamed('3')].sort() as [
  string,
  string,
  string,
];
const image = (commits: readonly string[], tenants: readonly string[] = ['acme', 'globex']): PinnedImage => ({
  ...pinnedImage('apiserver', 'same', tenants),
  commits,
});
const runs = (tenant: string, commit: string, changes: Partial<RunningImage> = {}): RunningImage => {
  const { service, repository, tag, digest } = image([commit]);
  return { service, registry: registryHost(REGISTRY), repository, tag, tenant, digest, commit, ...changes };
};
const shown = (images: ImageSet, tenant: string) => commitOf(images.findImage(tenant, 'apiserver'));
const kept = (commits: readonly string[], ...running: readonly RunningImage[]) =>
  keepLiveCommits(new ImageSet(REGISTRY, [image(commits)]), running);

describe('the commit that is shown for a digest with several', () => {
  test('stays what it was when another commit is tagged on the running digest, whichever comes first in the alphabet', () => {
    for (const live of [first, second]) {
      const images = kept([first, second], runs('acme', live), runs('globex', live));
      expect([shown(images, 'acme'), shown(images, 'globex')]).toEqual([live, live]);
      expect(images.images).toHaveLength(1);
    }
  });

  test('is for each tenant its own, and for one that does not run it yet that of most others', () => {
    const images = keepLiveCommits(
      new ImageSet(REGISTRY, [image([first, second, third], ['acme', 'globex', 'hooli', 'new'])]),
      [runs('acme', third), runs('globex', second), runs('hooli', second)],
    );
    expect(['acme', 'globex', 'hooli', 'new'].map((tenant) => shown(images, tenant))).toEqual([
      third,
      second,
      second,
      second,
    ]);
    expect(images.images.map(({ commits }) => commits)).toEqual([
      [second, first, third],
      [third, first, second],
    ]);
  });

  test('is never one that the registry does not have on the digest, whoever wrote it into the cluster', () => {
    expect(shown(kept([first, second], runs('acme', third)), 'acme')).toBe(first);
  });

  test('is the same in every run where nobody runs it', () => {
    expect(shown(kept([first, second]), 'acme')).toBe(first);
    expect(shown(kept([first, second], runs('acme', second, { digest: `sha256:${'0'.repeat(64)}` })), 'acme')).toBe(
      first,
    );
  });

  test("is the operator's own for the operator", () => {
    const operator = { ...pinnedImage('operator', 'same', []), commits: [first, second] };
    const { service, repository, tag, digest } = operator;
    const live = { service, registry: registryHost(REGISTRY), repository, tag, digest, commit: second };
    expect(commitOf(keepLiveCommits(new ImageSet(REGISTRY, [operator]), [live]).findOperator())).toBe(second);
  });

  test('settles: deployed once, the next run shows the same, whatever is tagged by then', () => {
    const commits = fc.uniqueArray(fc.constantFrom(first, second, third), { minLength: 1 }).map((some) => some.sort());
    fc.assert(
      fc.property(commits, commits, (before, added) => {
        const deployed = kept(before);
        const running = ['acme', 'globex'].map((tenant) => runs(tenant, shown(deployed, tenant)));
        const after = kept([...new Set([...before, ...added])].sort(), ...running);
        for (const tenant of ['acme', 'globex']) expect(shown(after, tenant)).toBe(shown(deployed, tenant));
      }),
    );
  });
});

test('the cluster is asked for what runs only where a digest has several commits, and once', async () => {
  let asked = 0;
  const running = async () => {
    asked++;
    return [runs('acme', second)];
  };
  const source = (commits: readonly string[]) =>
    new LiveCommits({ resolve: async ({ tenants }) => [image(commits, tenants)] }, running);
  const request = imageRequest('apiserver', { tenants: ['acme'] });
  await source([first]).resolve(request);
  expect(asked).toBe(0);
  const ambiguous = source([first, second]);
  const answers = await Promise.all([ambiguous.resolve(request), ambiguous.resolve(request)]);
  expect(answers.map(([one]) => commitOf(one as PinnedImage))).toEqual([second, second]);
  expect(asked).toBe(1);
});
