import { S3Client } from '@aws-sdk/client-s3';
import { clientSettings } from '../aws/client-settings';
import type { Platform } from '../config/platform';
import { ExplainedError } from '../text/explained-error';
import { stateBucketProblem } from './state-bucket-problem';

/** @throws StateBucketProblem when S3 does not do it. */
export async function withS3<T>(
  platform: Pick<Platform, 'name' | 'registry' | 'state'>,
  work: (s3: S3Client) => Promise<T>,
): Promise<T> {
  const s3 = new S3Client(clientSettings({ region: platform.state.region }));
  try {
    return await work(s3);
  } catch (error) {
    if (error instanceof ExplainedError) throw error;
    throw stateBucketProblem(error, platform, false);
  } finally {
    s3.destroy();
  }
}
