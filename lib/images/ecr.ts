import {
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  type DescribeImagesCommandOutput,
  ECRClient,
  type ECRServiceException,
  type ImageDetail,
} from '@aws-sdk/client-ecr';
import { clientSettings } from '../aws/client-settings';
import type { Registry } from '../config/platform';
import { typedCommand } from '../config/typed-command';
import { ImageProblem, type ImageProblemKind } from './image-problem';
import { isCommit, isDigest, type PinnedImage } from './pinned-image';
import type { ImageRequest } from './request';
import type { ImageSource } from './source';

export interface EcrOptions {
  /** Milliseconds that one HTTP request may take. Default: 10 s. */
  readonly requestTimeout?: number;
  /** Milliseconds that one image may take with all its retries. Default: 90 s, which is longer than the waits between eight attempts. */
  readonly deadline?: number;
}

/** Eight attempts ride out half a minute of throttling (71 s at most); the SDK's own three give up after 3 s at most. */
const ATTEMPTS = 8;

/** How much of a repository is looked through for a commit's first digits: five calls, five thousand images. */
const PAGES = 5;
const PAGE = 1000;

/**
 * Asks ECR what a tag points to now. One DescribeImages answers with the digest and all tags of that digest, and so with the commit.
 * Credentials and endpoint are the SDK's defaults (AWS_PROFILE, OIDC, AWS_ENDPOINT_URL_ECR ...); the registry may be another account's.
 */
export class EcrSource implements ImageSource {
  private readonly client: ECRClient;
  private readonly limits: Required<EcrOptions>;

  constructor(
    private readonly registry: Registry,
    { requestTimeout = 10_000, deadline = 90_000 }: EcrOptions = {},
  ) {
    this.limits = { requestTimeout, deadline };
    this.client = new ECRClient({
      ...clientSettings({ region: registry.region, requestTimeout }),
      maxAttempts: ATTEMPTS,
    });
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

  private async describe(
    request: ImageRequest,
    which: Partial<DescribeImagesCommandInput>,
  ): Promise<DescribeImagesCommandOutput> {
    try {
      const command = new DescribeImagesCommand({
        ...which,
        registryId: this.registry.account,
        repositoryName: request.repository,
      });
      const abortSignal = AbortSignal.timeout(this.limits.deadline);
      return await this.clientForOne().send(command, { abortSignal });
    } catch (error) {
      throw problemOf(error, request, this.registry, this.limits);
    }
  }

  /**
   * A client with credentials and connections in common with all others, and a budget of retries of its own: that of one client is
   * spent after about 100 throttled attempts, and from then on it gives up at the first.
   */
  private clientForOne(): ECRClient {
    const { region, maxAttempts, credentials, requestHandler } = this.client.config;
    return new ECRClient({ region, maxAttempts, credentials, requestHandler });
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

function missing(request: ImageRequest, cause?: unknown): ImageProblem {
  return new ImageProblem(
    request,
    'missing-image',
    'There is no such image. It may still be building: then its own dispatch starts the run that heals this, and nothing is to be done. ' +
      'Otherwise look at the last release workflow of the service.',
    { cause },
  );
}

/** What an error of the SDK means for the person who reads it. */
function problemOf(
  error: unknown,
  request: ImageRequest,
  registry: Registry,
  { requestTimeout, deadline }: Required<EcrOptions>,
): ImageProblem {
  const { name, $metadata } = error as Error & Partial<Pick<ECRServiceException, '$metadata'>>;
  const status = $metadata?.httpStatusCode;
  const said = reason(error);
  const where = `ECR in ${registry.region}, account ${registry.account}`;
  const refuse = (kind: ImageProblemKind, text: string) => new ImageProblem(request, kind, text, { cause: error });

  switch (name) {
    case 'ImageNotFoundException':
      return missing(request, error);
    case 'RepositoryNotFoundException':
      return refuse(
        'missing-repository',
        `There is no such repository in ${where}. Deploy the registry stack (${typedCommand('IMAGES=none npx cdktf deploy registry')}), or mend "repository" in the platform file.`,
      );
    case 'AccessDeniedException':
      return refuse('no-access', `${where} refuses: ${said}. The role needs ecr:DescribeImages on the repository.`);
    case 'UnrecognizedClientException':
    case 'InvalidClientTokenId':
    case 'InvalidSignatureException':
    case 'IncompleteSignatureException':
    case 'MissingAuthenticationTokenException':
    case 'ExpiredTokenException':
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return refuse(
        'credentials',
        `There are no valid AWS credentials for ${where}: ${said}. Check them with "aws sts get-caller-identity".`,
      );
    case 'ThrottlingException':
    case 'TooManyRequestsException':
      return refuse('throttled', `${where} throttled ${ATTEMPTS} attempts in a row. Run again in a few minutes.`);
    case 'TimeoutError':
    case 'AbortError':
      return refuse(
        'timeout',
        `${where} did not answer in time (${requestTimeout / 1000} s a request, ${deadline / 1000} s with all attempts). ` +
          'Check the network and the status of AWS, then run again.',
      );
  }
  if (status === 401 || status === 403) {
    return refuse(
      'credentials',
      `There are no valid AWS credentials for ${where}, or their role lacks ecr:DescribeImages on the repository (it answers with HTTP ${status}). ` +
        'Check them with "aws sts get-caller-identity".',
    );
  }
  if (name === 'SyntaxError') {
    return refuse(
      'unreachable',
      `What answers for ${where} is not ECR (HTTP ${status}, and no JSON). Check AWS_ENDPOINT_URL_ECR and the proxies on the way.`,
    );
  }
  return refuse(
    'unreachable',
    `${where} did not answer as expected: ${name}: ${said}. Run again; if it stays, look there.`,
  );
}

/** What an error says, without the full stop. Connection errors of Node can have an empty message and say everything in their code. */
function reason(error: unknown): string {
  const { message, code, errors } = error as { message: string; code?: string; errors?: readonly Error[] };
  const said = message || errors?.map((one) => one.message).join('; ') || code || 'no reason given';
  return said.trim().replace(/\.$/, '');
}
