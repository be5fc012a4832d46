import {
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  type DescribeImagesCommandOutput,
  type ImageDetail,
} from '@aws-sdk/client-ecr';
import type { Registry } from '../config/platform';
import { EcrCalls, type EcrOptions, missing } from './ecr-calls';
import { ImageProblem, type ImageProblemKind } from './image-problem';
import { isCommit, isDigest, type PinnedImage } from './pinned-image';
import type { ImageRequest } from './request';
import type { ImageSource } from './source';

/** How much of a repository is looked through for a commit's first digits: five calls, five thousand images. */
const PAGES = 5;
const PAGE = 1000;

/** Asks ECR what a tag points to now. One DescribeImages answers with the digest and all tags of that digest, and so with the commit. */
export class EcrSource implements ImageSource {
  private readonly calls: EcrCalls;

  constructor(registry: Registry, options: EcrOptions = {}) {
    this.calls = new EcrCalls(registry, options);
  }

  async resolve(request: ImageRequest): Promise<PinnedImage[]> {
    const { imageDetails: details = [] } = await this.describe(request, { imageIds: [{ imageTag: request.tag }] });
    const detail = details.find(({ imageTags }) => imageTags?.includes(request.tag));
    if (!detail) throw missing(request);
    return [pin(request, detail)];
  }

  /**
   * The commits whose images are in the repository of `request` and that begin with these digits, sorted. Undefined where there are too
   * many images to look through them all.
   *
   * @throws ImageProblem when ECR does not answer, or refuses.
   */
  async commitsBeginning(digits: string, request: ImageRequest): Promise<string[] | undefined> {
    const found = new Set<string>();
    let nextToken: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const answer = await this.describe(request, {
        filter: { tagStatus: 'TAGGED' },
        maxResults: PAGE,
        ...(nextToken !== undefined && { nextToken }),
      });
      for (const tag of (answer.imageDetails ?? []).flatMap(({ imageTags = [] }) => imageTags)) {
        if (isCommit(tag) && tag.startsWith(digits)) found.add(tag);
      }
      nextToken = answer.nextToken;
      if (!nextToken) return [...found].sort();
    }
    return undefined;
  }

  private describe(
    request: ImageRequest,
    which: Partial<DescribeImagesCommandInput>,
  ): Promise<DescribeImagesCommandOutput> {
    const command = new DescribeImagesCommand({
      ...which,
      registryId: this.calls.registry.account,
      repositoryName: request.repository,
    });
    return this.calls.make(request, 'ecr:DescribeImages', (client, options) => client.send(command, options));
  }
}

function pin(request: ImageRequest, detail: ImageDetail): PinnedImage {
  const { imageDigest = '', imageTags = [], imageStatus, imagePushedAt, imageManifestMediaType } = detail;
  const refuse = (kind: ImageProblemKind, message: string) => new ImageProblem(request, kind, message);
  const commits = imageTags.filter(isCommit).sort();

  if (!isDigest(imageDigest)) {
    throw refuse('malformed-digest', `ECR answered with ${JSON.stringify(imageDigest)}, which is not a sha256 digest.`);
  }
  if (imageStatus === 'ARCHIVED' || imageStatus === 'ACTIVATING') {
    throw refuse(
      'archived',
      `The image ${imageDigest} is archived, so no node can pull it. Restore it in ECR, or push the release again.`,
    );
  }
  if (commits.length === 0) {
    throw refuse(
      'no-commit',
      `The image ${imageDigest} has no tag that is a full git SHA (its tags: ${imageTags.join(', ')}), so nobody could say which commit runs. ` +
        'Push the release again from its workflow, which tags the commit first.',
    );
  }
  const { service, release, repository, tag, tenants } = request;
  return {
    service,
    release,
    repository,
    tag,
    digest: imageDigest,
    commits,
    ...(imagePushedAt && { pushedAt: imagePushedAt.toISOString() }),
    ...(imageManifestMediaType && { mediaType: imageManifestMediaType }),
    tenants,
  };
}
