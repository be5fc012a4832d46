import type { Registry } from '../config/platform';
import { commitOf, imageReference, type PinnedImage } from './pinned-image';
import { byServiceAndRelease, compare, OPERATOR } from './request';

/** All pinned images of one run. */
export class ImageSet {
  /** Sorted by service, release, digest, and the commit to show. */
  readonly images: readonly PinnedImage[];
  private readonly byTenant: ReadonlyMap<string, PinnedImage>;

  constructor(
    readonly registry: Registry,
    images: readonly PinnedImage[],
  ) {
    this.images = [...images].sort(
      (a, b) => byServiceAndRelease(a, b) || compare(a.digest, b.digest) || compare(commitOf(a), commitOf(b)),
    );
    this.byTenant = new Map(
      this.images.flatMap((image) => image.tenants.map((tenant) => [`${tenant} ${image.service}`, image])),
    );
  }

  /** @throws Error when the set was resolved for other tenants or services. */
  findImage(tenant: string, service: string): PinnedImage {
    const image = this.tryFindImage(tenant, service);
    if (!image) throw new Error(`the image set has no image of ${service} for tenant ${tenant}`);
    return image;
  }

  tryFindImage(tenant: string, service: string): PinnedImage | undefined {
    return this.byTenant.get(`${tenant} ${service}`);
  }

  findOperator(): PinnedImage {
    const image = this.images.find(({ service }) => service === OPERATOR);
    if (!image) throw new Error('the image set has no image of the operator');
    return image;
  }

  reference(image: PinnedImage): string {
    return imageReference(this.registry, image);
  }
}
