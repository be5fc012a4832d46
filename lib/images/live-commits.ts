import { ImageSet } from './image-set';
import type { RunningImage } from './live';
import { type PinnedImage, sameImage } from './pinned-image';
import type { ImageRequest } from './request';
import type { ImageSource } from './source';

/**
 * An image with the commit to show for it first, by tenant: one entry, or several where tenants show different commits of the one digest.
 *
 * Reproducible builds give one digest several commit tags, and ECR says nothing of when a tag came (the order of `imageTags` is not
 * promised, `imagePushedAt` is the digest's). So what is shown must not move when a tag comes: a tenant that runs the digest keeps its
 * commit; any other gets the one that most tenants show for it; and where nobody runs it, the first by the alphabet, which is at least the
 * same in every run. From the first deploy on that is the live one, whatever is tagged later.
 */
export function withLiveCommits(image: PinnedImage, running: readonly RunningImage[]): PinnedImage[] {
  if (image.commits.length < 2) return [image];
  const same = running.filter(
    (one) => one.service === image.service && sameImage(one, image) && image.commits.includes(one.commit),
  );
  const usual = mostFrequent(same.map(({ commit }) => commit));
  if (usual === undefined) return [image];
  if (image.tenants.length === 0) return [showing(usual, image)];
  const own = (tenant: string) => same.find((one) => one.tenant === tenant)?.commit ?? usual;
  return [...new Set(image.tenants.map(own))].map((commit) => ({
    ...showing(commit, image),
    tenants: image.tenants.filter((tenant) => own(tenant) === commit),
  }));
}

/** `images` with the commits that are live, as far as they are of the same digests. */
export function keepLiveCommits(images: ImageSet, running: readonly RunningImage[]): ImageSet {
  return new ImageSet(
    images.registry,
    images.images.flatMap((image) => withLiveCommits(image, running)),
  );
}

/** A source whose images show the commits that are live. The cluster is asked only where a digest has several. */
export class LiveCommits implements ImageSource {
  private answer?: Promise<readonly RunningImage[]>;

  /** @param ask - reads what runs; called once at most. */
  constructor(
    private readonly source: ImageSource,
    private readonly ask: () => Promise<readonly RunningImage[]>,
  ) {}

  async resolve(request: ImageRequest): Promise<PinnedImage[]> {
    const images = await this.source.resolve(request);
    if (images.every(({ commits }) => commits.length < 2)) return images;
    this.answer ??= this.ask();
    const running = await this.answer;
    return images.flatMap((image) => withLiveCommits(image, running));
  }
}

/** The image, showing this commit; the others of its digest behind it, sorted. */
export function showing(commit: string, image: PinnedImage): PinnedImage {
  return { ...image, commits: [commit, ...image.commits.filter((other) => other !== commit).sort()] };
}

/** Of equals the first by the alphabet, so that it is no accident. */
function mostFrequent(commits: readonly string[]): string | undefined {
  const count = new Map<string, number>();
  for (const commit of commits) count.set(commit, (count.get(commit) ?? 0) + 1);
  return [...count].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}
