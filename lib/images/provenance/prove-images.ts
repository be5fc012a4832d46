import pLimit from 'p-limit';
import type { Platform } from '../../config/platform';
import { withoutIds } from '../../config/without-ids';
import { ImageProblem, UnresolvedImages } from '../image-problem';
import { ImageSet } from '../image-set';
import { commitOf, type PinnedImage, shortCommit } from '../pinned-image';
import { type AttestedBuild, attestedBuild, WorthlessBundle } from './attested-build';
import { type Attestations, EcrAttestations } from './ecr-attestations';
import { builderOf, misfits, shortSigner, wantsProof } from './expected-build';
import type { Provenance } from './provenance';
import { type TrustedRoots, TrustRootUnreachable, trustedRoots } from './trusted-roots';

/** Three calls of ECR and some arithmetic each. */
const CONCURRENCY = 8;

export interface ProvingOptions {
  readonly attestations?: Attestations;
  readonly roots?: TrustedRoots;
}

/**
 * The same images, with who attested each whose provenance the platform file wants to be proved. Each digest is asked for once, however many
 * tenants run it, and whatever chose it: ECR, what runs, or a lock. What a lock says of it is not believed, but looked up.
 *
 * @throws UnresolvedImages with every image that is not proved: a run deploys all or nothing.
 */
export async function proveImages(
  images: ImageSet,
  platform: Platform,
  { attestations, roots }: ProvingOptions = {},
): Promise<ImageSet> {
  const unproved = images.images.map(({ provenance: _, ...image }): PinnedImage => image);
  if (!unproved.some(({ service }) => wantsProof(service, platform))) return new ImageSet(images.registry, unproved);
  const builds = new AttestedBuilds(attestations ?? new EcrAttestations(images.registry), roots ?? trustedRoots());
  const answers = await Promise.all(
    unproved.map(async (image): Promise<PinnedImage | ImageProblem> => {
      if (!wantsProof(image.service, platform)) return image;
      try {
        return { ...image, provenance: proof(image, await builds.of(image), platform) };
      } catch (error) {
        if (error instanceof ImageProblem) return error;
        throw error;
      }
    }),
  );
  const problems = answers.filter((answer) => answer instanceof ImageProblem);
  if (problems.length > 0) throw new UnresolvedImages(problems, images.images.length);
  return new ImageSet(
    images.registry,
    answers.flatMap((answer) => (answer instanceof ImageProblem ? [] : answer)),
  );
}

type Found = AttestedBuild | WorthlessBundle;

function proof(image: PinnedImage, found: readonly Found[], platform: Platform): Provenance {
  const judged = found.map((one) =>
    one instanceof WorthlessBundle
      ? { reasons: [`an attestation: ${one.message}`], weight: Number.POSITIVE_INFINITY }
      : fitting(one, image, platform),
  );
  const [best] = judged.sort((a, b) => a.weight - b.weight);
  if (best && 'build' in best && best.weight === 0) {
    const { build } = best;
    return { signer: shortSigner(build), branch: build.source.branch, run: build.signer.run };
  }
  throw new ImageProblem(image, 'unproven', message(image, found.length, best?.reasons ?? [], platform));
}

function fitting(build: AttestedBuild, image: PinnedImage, platform: Platform) {
  const reasons = misfits(build, image, platform);
  return { build, reasons, weight: reasons.length };
}

function message(image: PinnedImage, count: number, reasons: readonly string[], platform: Platform): string {
  const commit = commitOf(image);
  const repository = withoutIds(builderOf(image.service, platform));
  const what =
    count === 0
      ? 'has no attestation in ECR, and the platform file wants one ("provenance: required").'
      : `is not proven to be what its tag says: ${count === 1 ? 'its attestation does not fit.' : `none of its ${count} attestations fits. The nearest:`}`;
  return [
    `The image ${image.digest} of commit ${commit} ${what}`,
    ...reasons.map((reason) => `- ${reason}`),
    `If it was built by the release workflow of ${repository}, run the CI of commit ${shortCommit(commit)} there again: the release workflow that follows attests the image that is there. ` +
      'Else find out who pushed it, and publish another. docs/provenance.md has the rest.',
  ].join('\n');
}

/** What is attested of each digest, asked for once. */
class AttestedBuilds {
  private readonly limit = pLimit(CONCURRENCY);
  private readonly answers = new Map<string, Promise<readonly Found[]>>();

  constructor(
    private readonly attestations: Attestations,
    private readonly roots: TrustedRoots,
  ) {}

  async of(image: PinnedImage): Promise<readonly Found[]> {
    const key = `${image.repository}@${image.digest}`;
    const answer = this.answers.get(key) ?? this.limit(() => this.ask(image));
    this.answers.set(key, answer);
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ImageProblem) throw new ImageProblem(image, error.kind, error.message, { cause: error });
      if (error instanceof TrustRootUnreachable) {
        throw new ImageProblem(
          image,
          'no-trust-root',
          `${error.message}. Without that no attestation can be believed. Run again in a few minutes; if it stays, look whether this machine may reach it.`,
          { cause: error },
        );
      }
      throw error;
    }
  }

  private async ask(image: PinnedImage): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (const bundle of await this.attestations.of(image)) {
      found.push(bundle instanceof WorthlessBundle ? bundle : await this.judged(bundle));
    }
    return found;
  }

  private async judged(bundle: string): Promise<Found> {
    try {
      return await attestedBuild(bundle, this.roots);
    } catch (error) {
      if (error instanceof WorthlessBundle) return error;
      throw error;
    }
  }
}
