import { ECRClient, type ECRServiceException } from '@aws-sdk/client-ecr';
import { clientSettings } from '../aws/client-settings';
import type { Registry } from '../config/platform';
import { typedCommand } from '../config/typed-command';
import { ImageProblem, type ImageProblemKind } from './image-problem';
import type { ImageRequest } from './request';

export interface EcrOptions {
  /** Milliseconds that one HTTP request may take. Default: 10 s. */
  readonly requestTimeout?: number;
  /** Milliseconds that one image may take with all its retries. Default: 90 s, which is longer than the waits between eight attempts. */
  readonly deadline?: number;
}

/** What a role needs to be allowed for a call. */
export type EcrRight = 'ecr:DescribeImages' | 'ecr:BatchGetImage' | 'ecr:GetDownloadUrlForLayer';

/** Eight attempts ride out half a minute of throttling (71 s at most); the SDK's own three give up after 3 s at most. */
const ATTEMPTS = 8;

/**
 * Calls of one registry, each with a deadline, and with an explanation of what went wrong. Credentials and endpoint are the SDK's defaults
 * (AWS_PROFILE, OIDC, AWS_ENDPOINT_URL_ECR ...); the registry may be another account's.
 */
export class EcrCalls {
  private readonly client: ECRClient;
  private readonly limits: Required<EcrOptions>;

  constructor(
    readonly registry: Registry,
    { requestTimeout = 10_000, deadline = 90_000 }: EcrOptions = {},
  ) {
    this.limits = { requestTimeout, deadline };
    this.client = new ECRClient({
      ...clientSettings({ region: registry.region, requestTimeout }),
      maxAttempts: ATTEMPTS,
    });
  }

  /** @throws ImageProblem when ECR does not answer, or refuses. */
  async make<Answer>(
    request: ImageRequest,
    right: EcrRight,
    call: (client: ECRClient, options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await call(this.clientForOne(), { abortSignal: AbortSignal.timeout(this.limits.deadline) });
    } catch (error) {
      throw problemOf(error, request, right, this.registry, this.limits);
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

export function missing(request: ImageRequest, cause?: unknown): ImageProblem {
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
  right: EcrRight,
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
      return refuse('no-access', `${where} refuses: ${said}. The role needs ${right} on the repository.`);
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
      `There are no valid AWS credentials for ${where}, or their role lacks ${right} on the repository (it answers with HTTP ${status}). ` +
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
