import type { Tenant } from '../../lib/config/tenant';
import { ImageSet } from '../../lib/images/image-set';
import { isChosenAlone } from '../../lib/stacks/chosen-alone';
import { imagesFor, PLATFORM, tenant } from './pinned-platform';

/** The images of these tenants, in which one of them has the apiserver of another build. */
function pinned(tenants: readonly Tenant[], name: string): ImageSet {
  const [usual, other] = ['first', 'other'].map((build) => imagesFor(tenants, build).images);
  const images = (usual ?? []).flatMap((image) => {
    if (image.service !== 'apiserver') return [image];
    const another = other?.find(({ service, release }) => service === image.service && release === image.release);
    return [
      { ...image, tenants: image.tenants.filter((one) => one !== name) },
      { ...image, ...another, tenants: [name] },
    ];
  });
  return new ImageSet(PLATFORM.registry, images);
}

describe('an image is chosen for a tenant alone', () => {
  const tenants = [tenant('amber', 'canary'), tenant('birch', 'canary'), tenant('coral', 'early'), tenant('delta')];
  const alone = (images: ImageSet, all = tenants) =>
    all.filter((one) => isChosenAlone(one, all, images)).map(({ name }) => name);

  test('when no tenant of the rings before its own is to run it', () => {
    expect(alone(pinned(tenants, 'delta'))).toEqual(['delta']);
  });

  test('not when all tenants of a release have the same', () => {
    expect(alone(imagesFor(tenants))).toEqual([]);
  });

  test('not in the first ring, which proves what it runs itself', () => {
    expect(alone(pinned(tenants, 'amber'))).toEqual([]);
  });

  test('when those that would prove it are decommissioned', () => {
    const leaving = [tenant('amber', 'canary', { decommission: true }), tenant('delta')];
    expect(alone(imagesFor(leaving), leaving)).toEqual(['delta']);
  });
});
