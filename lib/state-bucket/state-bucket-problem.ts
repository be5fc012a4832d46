import type { Platform } from '../config/platform';
import { ExplainedError } from '../text/explained-error';

/**
 * - `taken`: the bucket's name belongs to another AWS account.
 * - `no-access`: S3 refuses the credentials this, or the bucket is another account's.
 * - `credentials`: there are none, or S3 does not know them.
 * - `wrong-region`: the bucket is there, in another region.
 * - `unreachable`: S3 did not answer as expected.
 */
export type StateBucketProblemKind = 'taken' | 'no-access' | 'credentials' | 'wrong-region' | 'unreachable';

/** Thrown when the state bucket can't be made or set right. The message says what S3 refused and what to do. */
export class StateBucketProblem extends ExplainedError {
  override readonly name = 'StateBucketProblem';

  constructor(
    readonly bucket: string,
    readonly kind: StateBucketProblemKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * What an error of the SDK means for the person who reads it.
 *
 * @param created - whether the same credentials made the bucket a moment ago.
 */
export function stateBucketProblem(
  error: unknown,
  { registry, state: { bucket, region } }: Pick<Platform, 'registry' | 'state'>,
  created: boolean,
): StateBucketProblem {
  if (error instanceof StateBucketProblem) return error;
  const { name, message } = error as Error;
  const refuse = (kind: StateBucketProblemKind, text: string) =>
    new StateBucketProblem(bucket, kind, text, { cause: error });

  switch (name) {
    case 'BucketAlreadyExists':
      return refuse(
        'taken',
        `The bucket name "${bucket}" belongs to another AWS account: names are shared by all of AWS. Choose another "state.bucket" in the platform file.`,
      );
    case 'AccessDenied':
    case 'AllAccessDisabled':
      if (created) {
        return refuse(
          'no-access',
          `The bucket "${bucket}" was made, and S3 refuses to set it up: ${message}. These credentials are probably not those of account ${registry.account} ` +
            '(see "aws sts get-caller-identity"): then delete the bucket with them, log in to the right account and run again.',
        );
      }
      return refuse(
        'no-access',
        `S3 refuses access to the bucket "${bucket}": ${message}. Either it belongs to another AWS account than ${registry.account}: then choose ` +
          'another "state.bucket" in the platform file. Or these credentials are not an administrator\'s: see "aws sts get-caller-identity".',
      );
    case 'CredentialsProviderError':
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidAccessKeyId':
    case 'InvalidToken':
    case 'RequestTimeTooSkewed':
    case 'SignatureDoesNotMatch':
      return refuse(
        'credentials',
        `There are no valid AWS credentials: ${message}. Log in as an administrator of account ${registry.account}, and check with "aws sts get-caller-identity".`,
      );
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case 'PermanentRedirect':
      return elsewhere(bucket, region, regionIn(error), { cause: error });
    default:
      return refuse(
        'unreachable',
        `S3 in ${region} did not answer as expected: ${name}: ${reason(error)}. What was done so far stays right: run again once it answers.`,
      );
  }
}

/** The bucket is there, but not where the platform file says. */
export function elsewhere(bucket: string, asked: string, found?: string, options?: ErrorOptions): StateBucketProblem {
  const place = found === undefined ? 'in another region' : `in ${found}`;
  return new StateBucketProblem(
    bucket,
    'wrong-region',
    `The bucket "${bucket}" is ${place}, not in ${asked}. If it is yours, say so with "state.region" in the platform file; otherwise choose another "state.bucket".`,
    options,
  );
}

/** S3 tells the bucket's region beside its refusal. */
function regionIn(error: unknown): string | undefined {
  const { $response, Region } = error as { $response?: { headers?: Record<string, string> }; Region?: string };
  return Region ?? $response?.headers?.['x-amz-bucket-region'];
}

/** Connection errors of Node can have an empty message and say everything in their code. */
function reason(error: unknown): string {
  const { message, code, errors } = error as { message: string; code?: string; errors?: readonly Error[] };
  return message || errors?.map((one) => one.message).join('; ') || code || 'no reason given';
}
