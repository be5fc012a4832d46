import { z } from 'zod';
import { LABEL, label, text } from '../tenant/names';

const ECR_REPOSITORY = /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/;
const GITHUB_REPOSITORY =
  /^[A-Za-z0-9][A-Za-z0-9-]{0,38}(\/[A-Za-z0-9._-]{1,100}|@[0-9]+\/[A-Za-z0-9._-]{1,100}@[0-9]+)$/;
// No "$" nor "%": Terraform would read them as templates.
const GIT_BRANCH = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const GITHUB_ENVIRONMENT = /^[A-Za-z0-9][A-Za-z0-9 ._/-]*$/;
const BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

export const platformName = label('text', LABEL, 40);

export const ecrRepository = text('an ECR repository')
  .regex(ECR_REPOSITORY, 'must be an ECR repository name, such as acme/web-client')
  .min(2, 'must have at least 2 characters')
  .max(256, 'must have at most 256 characters');

/** `owner/name`, or `owner@id/name@id` where the repository's OIDC tokens carry the ids. */
export const githubRepository = text('a GitHub repository, such as acme/web-client').regex(
  GITHUB_REPOSITORY,
  'must be a GitHub repository: acme/web-client, or acme@1234/web-client@5678 with the ids its OIDC tokens carry',
);

/** No dots: a bucket with dots can't be reached over TLS at its own host name. */
export const bucketName = text('a bucket name').regex(BUCKET, 'must be 3 to 63 lower-case letters, digits and "-"');

export const awsAccount = z
  .string({ error: (issue) => (issue.input === undefined ? undefined : 'must be text: put the digits in quotes') })
  .regex(/^[0-9]{12}$/, 'must be the 12 digits of an AWS account, in quotes');

export const awsRegion = text('an AWS region, such as eu-central-1').regex(
  /^[a-z]{2}(-[a-z]+)+-[0-9]$/,
  'must be an AWS region, such as eu-central-1',
);

export const eksCluster = text('the name of an EKS cluster').regex(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/,
  'must be the name of an EKS cluster',
);

export const gitBranch = text('a branch').regex(GIT_BRANCH, 'must be a branch, such as main');

export const githubEnvironment = text('the name of a GitHub environment').regex(
  GITHUB_ENVIRONMENT,
  'must be letters, digits, " ", ".", "_", "/" and "-"',
);

/** Text that reaches Terraform, which would read these two as templates of its own and fill them in. */
export const plainText = z
  .string()
  .min(1, 'must not be empty')
  .refine((written) => !/[$%]\{/.test(written), 'must not contain "${" or "%{", which Terraform would fill in');
