/** The part of AWS that a region lies in; every ARN begins with it. */
export function awsPartition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

/** ARN of the state bucket; its objects are `<arn>/<key>`. */
export function bucketArn({ bucket, region }: { readonly bucket: string; readonly region: string }): string {
  return `arn:${awsPartition(region)}:s3:::${bucket}`;
}
