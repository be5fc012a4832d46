import { isDeepStrictEqual } from 'node:util';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

export interface BucketTarget {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string;
}

/** Writes what a setting asks for. */
export type Remedy = () => Promise<unknown>;

/** One property that the state bucket must have. */
export interface BucketSetting {
  /** The property, as a person would say that the bucket has it. */
  readonly what: string;
  /** Locks out whoever sets it over plain HTTP. */
  readonly needsTls?: boolean;
  /** Looks whether it is so. Resolves to what would make it so, where it is not. */
  readonly missing: (s3: S3Client, target: BucketTarget, arn: string) => Promise<Remedy | undefined>;
}

/** In the order in which they are set: first what keeps strangers out. */
export const BUCKET_SETTINGS: readonly BucketSetting[] = [
  { what: 'no public access', missing: blockPublicAccess },
  { what: 'every object owned by its account', missing: enforceOwnership },
  { what: 'no access without TLS', needsTls: true, missing: refusePlainHttp },
  { what: 'encrypted', missing: encrypt },
  { what: 'versioned', missing: keepVersions },
  { what: 'old versions expire after 90 days', missing: expireOldVersions },
];

async function blockPublicAccess(s3: S3Client, target: BucketTarget): Promise<Remedy | undefined> {
  const wanted = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  };
  const found = await unlessAbsent(s3.send(new GetPublicAccessBlockCommand(target)));
  if (isDeepStrictEqual(found?.PublicAccessBlockConfiguration, wanted)) return undefined;
  return () => s3.send(new PutPublicAccessBlockCommand({ ...target, PublicAccessBlockConfiguration: wanted }));
}

async function enforceOwnership(s3: S3Client, target: BucketTarget): Promise<Remedy | undefined> {
  const found = await unlessAbsent(s3.send(new GetBucketOwnershipControlsCommand(target)));
  if (found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership === 'BucketOwnerEnforced') return undefined;
  return () =>
    s3.send(
      new PutBucketOwnershipControlsCommand({
        ...target,
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      }),
    );
}

interface BucketPolicy {
  readonly Version?: string;
  readonly Statement?: readonly { readonly Sid?: string }[];
}

/** Statements of other people stay in the policy. */
async function refusePlainHttp(s3: S3Client, target: BucketTarget, arn: string): Promise<Remedy | undefined> {
  const wanted = {
    Sid: 'RefusePlainHttp',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const found = await unlessAbsent(s3.send(new GetBucketPolicyCommand(target)));
  const policy: BucketPolicy = JSON.parse(found?.Policy ?? '{}');
  const statements = policy.Statement ?? [];
  if (statements.some((statement) => isDeepStrictEqual(statement, wanted))) return undefined;
  const others = statements.filter(({ Sid }) => Sid !== wanted.Sid);
  const merged = { Version: '2012-10-17', ...policy, Statement: [...others, wanted] };
  return () => s3.send(new PutBucketPolicyCommand({ ...target, Policy: JSON.stringify(merged) }));
}

/** A bucket that somebody encrypts with a KMS key is more than right. */
async function encrypt(s3: S3Client, target: BucketTarget): Promise<Remedy | undefined> {
  const found = await unlessAbsent(s3.send(new GetBucketEncryptionCommand(target)));
  if (found?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault) return undefined;
  return () =>
    s3.send(
      new PutBucketEncryptionCommand({
        ...target,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      }),
    );
}

async function keepVersions(s3: S3Client, target: BucketTarget): Promise<Remedy | undefined> {
  const { Status } = await s3.send(new GetBucketVersioningCommand(target));
  if (Status === 'Enabled') return undefined;
  return () => s3.send(new PutBucketVersioningCommand({ ...target, VersioningConfiguration: { Status: 'Enabled' } }));
}

/** Every run leaves a version of each state that it wrote, and two of each lock. Rules of other people stay in the configuration. */
async function expireOldVersions(s3: S3Client, target: BucketTarget): Promise<Remedy | undefined> {
  const wanted: LifecycleRule = {
    ID: 'expire-old-versions',
    Status: 'Enabled',
    Filter: { Prefix: '' },
    Expiration: { ExpiredObjectDeleteMarker: true },
    NoncurrentVersionExpiration: { NoncurrentDays: 90 },
  };
  const found = await unlessAbsent(s3.send(new GetBucketLifecycleConfigurationCommand(target)));
  const rules = found?.Rules ?? [];
  if (rules.some((rule) => isDeepStrictEqual(rule, wanted))) return undefined;
  const others = rules.filter(({ ID }) => ID !== wanted.ID);
  return () =>
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        ...target,
        LifecycleConfiguration: { Rules: [...others, wanted] },
        ...(found?.TransitionDefaultMinimumObjectSize && {
          TransitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize,
        }),
      }),
    );
}

/** How S3 says that a bucket has no such configuration: an error, under a name for each kind. */
const ABSENT = new Set([
  'NoSuchBucketPolicy',
  'NoSuchLifecycleConfiguration',
  'NoSuchPublicAccessBlockConfiguration',
  'OwnershipControlsNotFoundError',
  'ServerSideEncryptionConfigurationNotFoundError',
]);

async function unlessAbsent<Found>(answer: Promise<Found>): Promise<Found | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (ABSENT.has((error as Error).name)) return undefined;
    throw error;
  }
}
