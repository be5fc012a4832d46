import type { Platform } from '../config/platform';
import { releaseTag } from '../config/release';
import { withoutIds } from '../config/without-ids';
import type { ImageProblemKind } from '../images/image-problem';
import { OPERATOR } from '../images/request';
import type { FailedImage, FailureRecord } from './failure-record';
import type { Verdict } from './verdict';

/** The registry, or who publishes whom to trust, did not answer; what it would have said is not known. */
const PASSING: readonly ImageProblemKind[] = ['throttled', 'timeout', 'unreachable', 'no-trust-root'];

/** Hours from a push to its image, by far: CI and the image may each take more than one. An image that is not there by then does not come. */
const LONGEST_BUILD = 3;

/** What it means that images could not be pinned. The worst of them decides. */
export function imagesVerdict(record: FailureRecord, images: readonly FailedImage[], context: ImagesContext): Verdict {
  const evidence = record.message.split('\n').filter((line) => line.trim() !== '');
  const others = images.filter(({ kind }) => kind !== 'missing-image' && !PASSING.includes(kind));
  if (others.length > 0) {
    return {
      kind: 'person',
      title: `Nothing was deployed: ${others.length === 1 ? '1 image' : `${others.length} images`} cannot be deployed as ${others.length === 1 ? 'it is' : 'they are'}`,
      evidence,
      next: ['Do what is said below each image. Then any run deploys everything.'],
    };
  }
  const missing = images.filter(({ kind }) => kind === 'missing-image');
  if (missing.length === 0) {
    return {
      kind: 'passing',
      title: `Nothing was deployed: ${images.some(({ kind }) => kind !== 'no-trust-root') ? 'ECR' : 'Sigstore'} did not answer`,
      evidence,
      next: ['Run this workflow again, or leave it to the next run: the schedule starts one.'],
    };
  }
  const late = missing.filter((image) => isLate(image, context));
  if (late.length > 0) {
    return {
      kind: 'person',
      title: `Nothing was deployed: nobody builds ${late.length === 1 ? 'an image that was' : `${late.length} images that were`} asked for more than ${LONGEST_BUILD} hours ago`,
      evidence,
      next: [
        ...workflows(late, context).map(
          (link) => `Is the branch there, and what became of its CI and its release workflow? ${link}`,
        ),
        'Push the branch, or run its workflow again. Or ask for a release that is there: in the platform file, or in the file of the tenant.',
      ],
    };
  }
  return {
    kind: 'waiting',
    title: `Nothing was deployed: ${count(missing)} still building, or never built`,
    evidence,
    next: [
      ...workflows(missing, context).map(
        (link) => `Nothing, while its release workflow runs: its own dispatch starts the run that heals this. ${link}`,
      ),
      ...(context.scheduled
        ? ['This was a scheduled run, which no push had just started: if no such workflow runs, start it.']
        : []),
    ],
  };
}

export interface ImagesContext {
  readonly platform?: Platform | undefined;
  /** Whether the run was started by the schedule. */
  readonly scheduled: boolean;
  readonly now: Date;
  /** Since when, at least, the files ask for an image; undefined where that is not known. */
  askedSince(image: FailedImage): Date | undefined;
  readonly serverUrl: string;
}

function isLate(image: FailedImage, { now, askedSince }: ImagesContext): boolean {
  const since = askedSince(image);
  return since !== undefined && now.getTime() - since.getTime() > LONGEST_BUILD * 3_600_000;
}

function count(images: readonly FailedImage[]): string {
  return images.length === 1 ? '1 image is' : `${images.length} images are`;
}

/** The pages with the runs that build the images, each once. */
function workflows(images: readonly FailedImage[], { platform, serverUrl }: ImagesContext): string[] {
  const links = images.map(({ service, release }) => {
    const github =
      service === OPERATOR ? platform?.github : platform?.services.find(({ name }) => name === service)?.github;
    if (github === undefined) return `Look at the workflows of ${service}, branch ${release} (${releaseTag(release)}).`;
    const branch = encodeURIComponent(`branch:${release}`);
    return `${serverUrl}/${withoutIds(github)}/actions?query=${branch}`;
  });
  return [...new Set(links)];
}
