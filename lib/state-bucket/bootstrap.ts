import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketLocationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { bucketArn } from '../aws/arn';
import { clientSettings } from '../aws/client-settings';
import type { Platform } from '../config/platform';
import { BUCKET_SETTINGS, type BucketTarget } from './bucket-setting';
import { elsewhere, stateBucketProblem } from './state-bucket-problem';

/** What the bootstrap found or did, in the order in which it did it. */
export interface BootstrapStep {
  /** What is so now, such as `versioned`. */
  readonly what: string;
  /** A platform on one machine has its S3 without TLS, which a bucket that asks for TLS would refuse. */
  readonly outcome: 'created' | 'set' | 'already right' | 'impossible over plain HTTP';
}

export interface BootstrapOptions {
  /** Milliseconds that one HTTP request may take. Default: 10 s. */
  readonly requestTimeout?: number;
}

/** The region that S3 began in: it has no location constraint, and refuses its own name as one. */
const FIRST_REGION = 'us-east-1';

/**
 * Makes the platform's state bucket, or sets right what is there. Safe to run again: it reads first and writes only what differs.
 * Credentials and endpoint are the SDK's defaults (AWS_PROFILE, OIDC, AWS_ENDPOINT_URL ...).
 *
 * @throws StateBucketProblem
 */
export async function bootstrapStateBucket(
  platform: Pick<Platform, 'registry' | 'state'>,
  { requestTimeout = 10_000 }: BootstrapOptions = {},
): Promise<BootstrapStep[]> {
  const { bucket, region } = platform.state;
  // States hold what a stranger's bucket must not get: S3 refuses where the bucket is not this account's.
  const target: BucketTarget = { Bucket: bucket, ExpectedBucketOwner: platform.registry.account };
  const s3 = new S3Client(clientSettings({ region, requestTimeout }));
  const overPlainHttp = watchProtocol(s3);
  let created = false;
  try {
    created = await createUnlessThere(s3, target, region);
    const steps: BootstrapStep[] = [
      { what: `bucket ${bucket} in ${region}`, outcome: created ? 'created' : 'already right' },
    ];
    for (const { what, needsTls, missing } of BUCKET_SETTINGS) {
      if (needsTls && overPlainHttp()) {
        steps.push({ what, outcome: 'impossible over plain HTTP' });
        continue;
      }
      const remedy = await missing(s3, target, bucketArn(platform.state));
      await remedy?.();
      steps.push({ what, outcome: remedy ? 'set' : 'already right' });
    }
    return steps;
  } catch (error) {
    throw stateBucketProblem(error, platform, created);
  } finally {
    s3.destroy();
  }
}

/**
 * What the state bucket lacks: itself, or settings of it, each as a person would say that it has them. Reads alone.
 *
 * @throws StateBucketProblem
 */
export async function lackingOfStateBucket(platform: Pick<Platform, 'registry' | 'state'>): Promise<string[]> {
  const { bucket, region } = platform.state;
  const target: BucketTarget = { Bucket: bucket, ExpectedBucketOwner: platform.registry.account };
  const s3 = new S3Client(clientSettings({ region }));
  const overPlainHttp = watchProtocol(s3);
  try {
    const found = await regionOf(s3, target);
    if (found === undefined) return [`the bucket ${bucket}`];
    if (found !== region) throw elsewhere(bucket, region, found);
    const lacking: string[] = [];
    for (const { what, needsTls, missing } of BUCKET_SETTINGS) {
      if (needsTls && overPlainHttp()) continue;
      if (await missing(s3, target, bucketArn(platform.state))) lacking.push(what);
    }
    return lacking;
  } catch (error) {
    throw stateBucketProblem(error, platform, false);
  } finally {
    s3.destroy();
  }
}

/** Whether the last request went without TLS. Only a request shows it: the endpoint may come from the environment or a profile. */
function watchProtocol(s3: S3Client): () => boolean {
  let protocol: string | undefined;
  s3.middlewareStack.add(
    (next) => (call) => {
      ({ protocol } = call.request as { protocol?: string });
      return next(call);
    },
    { step: 'build' },
  );
  return () => protocol === 'http:';
}

/** Resolves to whether the bucket had to be made. */
async function createUnlessThere(s3: S3Client, target: BucketTarget, region: string): Promise<boolean> {
  const found = await regionOf(s3, target);
  if (found === undefined) return create(s3, target.Bucket, region);
  if (found !== region) throw elsewhere(target.Bucket, region, found);
  return false;
}

async function regionOf(s3: S3Client, target: BucketTarget): Promise<string | undefined> {
  try {
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand(target));
    // The first two regions go by older names here.
    return LocationConstraint === 'EU' ? 'eu-west-1' : LocationConstraint || FIRST_REGION;
  } catch (error) {
    if ((error as Error).name === 'NoSuchBucket') return undefined;
    throw error;
  }
}

async function create(s3: S3Client, bucket: string, region: string): Promise<boolean> {
  const constraint = { LocationConstraint: region as BucketLocationConstraint };
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectOwnership: 'BucketOwnerEnforced',
        ...(region !== FIRST_REGION && { CreateBucketConfiguration: constraint }),
      }),
    );
    return true;
  } catch (error) {
    // Another bootstrap was faster.
    if ((error as Error).name === 'BucketAlreadyOwnedByYou') return false;
    throw error;
  }
}
