import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Platform } from '../config/platform';

/** Where an object of the state bucket is. */
export function objectAt(platform: Pick<Platform, 'registry' | 'state'>, key: string) {
  return { Bucket: platform.state.bucket, Key: key, ExpectedBucketOwner: platform.registry.account };
}

/** An object's text and version; undefined where there is no such object. */
export async function readObject(s3: S3Client, platform: Pick<Platform, 'registry' | 'state'>, key: string) {
  try {
    const { Body, ETag: etag } = await s3.send(new GetObjectCommand(objectAt(platform, key)));
    return { text: (await Body?.transformToString()) ?? '', etag };
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}
