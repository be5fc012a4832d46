import { z } from 'zod';

/** Every tenant lives in the namespace `tenant-<name>`. */
export const NAMESPACE_PREFIX = 'tenant-';
const LABEL_LENGTH = 63;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const HOST = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const ECR_REPOSITORY = /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/;
const RELEASE = /^releases\/([A-Za-z0-9_][A-Za-z0-9._/-]*)?[A-Za-z0-9]$/;
const GITHUB_REPOSITORY =
  /^[A-Za-z0-9][A-Za-z0-9-]{0,38}(\/[A-Za-z0-9._-]{1,100}|@[0-9]+\/[A-Za-z0-9._-]{1,100}@[0-9]+)$/;
// No "$" nor "%": Terraform would read them as templates.
const GIT_BRANCH = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const GITHUB_ENVIRONMENT = /^[A-Za-z0-9][A-Za-z0-9 ._/-]*$/;
const DATABASE = /^(?!pg_)(?!(postgres|template0|template1)$)[a-z_][a-z0-9_]*$/;
const BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

const text = (what: string) =>
  z.string({ error: (issue) => (issue.input === undefined ? undefined : `must be ${what}`) });

const label = (what: string, pattern: RegExp, longest = LABEL_LENGTH) =>
  text(what)
    .regex(pattern, 'must be lower-case letters, digits and "-", as Kubernetes names are')
    .max(longest, `must have at most ${longest} characters`);

export const platformName = label('text', LABEL, 40);

/** At most 56 characters, so that the namespace `tenant-<name>` is still a name that Kubernetes takes. */
export const tenantName = label('text', LABEL, LABEL_LENGTH - NAMESPACE_PREFIX.length);

/** A service's name becomes a Kubernetes Service, which must start with a letter. */
export const serviceName = label('text', SERVICE).refine(
  (name) => name !== 'operator',
  'is taken: the lock and the ECR repositories use it for the operator',
);

export const ringName = label('the name of a ring', LABEL);

/** No IP address: Kubernetes takes none as the host of an Ingress. */
export const host = text('a DNS name')
  .regex(HOST, 'must be a DNS name in lower case, such as acme.example.com')
  .max(253, 'must have at most 253 characters');

/**
 * Only tags of the form `releases-*` may move in ECR: any other release could be pushed once and never again. The tag is a label's
 * value in Kubernetes too, so it has at most 63 characters and ends in a letter or digit.
 */
export const release = text('a release, such as releases/0.0.2')
  .regex(RELEASE, 'must be a release branch, such as releases/0.0.2')
  .max(LABEL_LENGTH, `must have at most ${LABEL_LENGTH} characters, as labels in Kubernetes do`);

export const ecrRepository = text('an ECR repository')
  .regex(ECR_REPOSITORY, 'must be an ECR repository name, such as acme/web-client')
  .min(2, 'must have at least 2 characters')
  .max(256, 'must have at most 256 characters');

/** `owner/name`, or `owner@id/name@id` where the repository's OIDC tokens carry the ids. */
export const githubRepository = text('a GitHub repository, such as acme/web-client').regex(
  GITHUB_REPOSITORY,
  'must be a GitHub repository: acme/web-client, or acme@1234/web-client@5678 with the ids its OIDC tokens carry',
);

export const databaseName = text('a database name')
  .regex(DATABASE, 'must be lower-case letters, digits and "_", and no name that PostgreSQL keeps for itself')
  .max(63, 'must have at most 63 characters');

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
