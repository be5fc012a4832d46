import { isCommit, isDigest, type PinnedImage } from './pinned-image';
import type { ImageRequest } from './request';
import type { ImageSource } from './source';

/** What one tenant, or the operator, runs now of one service. */
export interface RunningImage {
  readonly service: string;
  /** Host of its registry; empty where the reference names none. */
  readonly registry: string;
  readonly repository: string;
  /** Image tag of the release that it runs. */
  readonly tag: string;
  /** Absent for the operator. */
  readonly tenant?: string;
  readonly digest: string;
  readonly commit: string;
}

/**
 * Answers with what runs now, so that a plan shows a change of the files and nothing of what was pushed since. What runs nowhere yet
 * (a new release, a new service, another repository) is asked of `otherwise`.
 */
export class LiveSource implements ImageSource {
  private answer?: Promise<readonly RunningImage[]>;

  /** @param ask - reads what runs; called once, when the first image is asked for. */
  constructor(
    private readonly ask: () => Promise<readonly RunningImage[]>,
    private readonly otherwise: ImageSource,
  ) {}

  async resolve(request: ImageRequest): Promise<PinnedImage[]> {
    this.answer ??= this.ask();
    const running = (await this.answer).filter(
      ({ service, repository, tag, digest, commit }) =>
        service === request.service &&
        repository === request.repository &&
        tag === request.tag &&
        isDigest(digest) &&
        isCommit(commit),
    );
    const usual = mostFrequent(running);
    if (!usual) return this.otherwise.resolve(request);

    const images = new Map<string, PinnedImage & { tenants: string[] }>();
    const assign = ({ digest, commit }: RunningImage, tenants: readonly string[]) => {
      const key = imageKey({ digest, commit });
      const image = images.get(key) ?? { ...request, digest, commits: [commit], tenants: [] };
      image.tenants.push(...tenants);
      images.set(key, image);
    };
    if (request.tenants.length === 0) assign(usual, []);
    for (const tenant of request.tenants) assign(running.find((image) => image.tenant === tenant) ?? usual, [tenant]);
    return [...images.values()];
  }
}

/**
 * The image that most tenants run: what a tenant gets that does not run yet. Of equals the first by digest and commit, so that it is
 * no accident.
 */
function mostFrequent(running: readonly RunningImage[]): RunningImage | undefined {
  const count = new Map<string, number>();
  for (const { digest } of running) count.set(digest, (count.get(digest) ?? 0) + 1);
  return [...running].sort(
    (a, b) => (count.get(b.digest) ?? 0) - (count.get(a.digest) ?? 0) || (imageKey(a) < imageKey(b) ? -1 : 1),
  )[0];
}

function imageKey({ digest, commit }: Pick<RunningImage, 'digest' | 'commit'>): string {
  return `${digest} ${commit}`;
}
