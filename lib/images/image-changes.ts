import { tenantList } from '../config/tenant-list';
import { commitOf, type PinnedImage, sameImage, shortCommit } from './pinned-image';

/** One service that goes from one image to another, with every tenant that it does so for. */
export interface ImageChange {
  readonly service: string;
  /** Absent where there was none. */
  readonly from?: PinnedImage;
  /** Absent where there is none any more. */
  readonly to?: PinnedImage;
  /** None for the operator. */
  readonly tenants: readonly string[];
}

/** What of `after` is not as in `before`, sorted by service. An image that was only read elsewhere is the same image. */
export function imageChanges(before: readonly PinnedImage[], after: readonly PinnedImage[]): ImageChange[] {
  const [old, now] = [byPlace(before), byPlace(after)];
  const changes = new Map<string, ImageChange & { readonly tenants: string[] }>();
  for (const place of new Set([...old.keys(), ...now.keys()])) {
    const [service = '', tenant = ''] = place.split(' ');
    const [from, to] = [old.get(place), now.get(place)];
    if (from && to && from.release === to.release && sameImage(from, to)) continue;
    const key = [service, from?.release, from?.digest, to?.release, to?.digest].join(' ');
    const change = changes.get(key) ?? { service, ...(from && { from }), ...(to && { to }), tenants: [] };
    if (tenant) change.tenants.push(tenant);
    changes.set(key, change);
  }
  return [...changes.values()].sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));
}

/** By service and tenant; the operator has no tenant. */
function byPlace(images: readonly PinnedImage[]): Map<string, PinnedImage> {
  return new Map(
    images.flatMap((image) =>
      (image.tenants.length === 0 ? [''] : image.tenants).map((tenant) => [`${image.service} ${tenant}`, image]),
    ),
  );
}

/** For people: `web-client 8227b3d → dd8fac7 in 3 tenants: globex, initech, northwind`. */
export function describeImageChange({ service, from, to, tenants }: ImageChange): string {
  const named = (image: PinnedImage | undefined) => (image ? shortCommit(commitOf(image)) : 'nothing');
  const release = from && to && from.release !== to.release ? ` (${from.release} → ${to.release})` : '';
  const where = tenants.length === 0 ? '' : ` in ${tenantList(tenants)}`;
  return `${service} ${named(from)} → ${named(to)}${release}${where}`;
}
