import { awsPartition, bucketArn } from '../aws/arn';
import type { Platform } from '../config/platform';
import { lockKey, stateKey } from '../state-bucket/state-key';
import type { Permission } from './permission';

/** The stacks that GitHub plans and deploys. The registry is not among them: it makes the roles, so an administrator applies it. */
const STACKS = ['operator', 'tenants'] as const;

/** ECR repositories of the platform. */
export interface Repositories {
  readonly arns: readonly string[];
  /** Those whose images must be attested. */
  readonly provedArns: readonly string[];
}

/** What a plan takes, which is to read: to ask for images, to reach the cluster, and to see the states. It takes no lock (lib/cdktf-cli/plan-lock.ts). */
export function planPermissions(platform: Platform, { arns, provedArns }: Repositories): Permission[] {
  const { cluster, registry } = platform;
  const bucket = bucketArn(platform.state);
  const states = STACKS.map((stack) => `${bucket}/${stateKey(platform, stack)}`);
  return [
    { actions: ['ecr:DescribeImages'], resources: arns },
    // Attestations lie beside the images, so who may read them may pull the images too: only where they are read.
    ...(provedArns.length > 0
      ? [{ actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], resources: provedArns }]
      : []),
    ...('eks' in cluster
      ? [
          {
            actions: ['eks:DescribeCluster'],
            resources: [
              `arn:${awsPartition(cluster.region)}:eks:${cluster.region}:${registry.account}:cluster/${cluster.eks}`,
            ],
          },
        ]
      : []),
    // Not narrowed by prefix: the first run reads a state that is not there yet, and S3 calls it missing instead of
    // forbidden only to those who may list the bucket.
    { actions: ['s3:ListBucket'], resources: [bucket] },
    { actions: ['s3:GetObject'], resources: states },
  ];
}

/** What a deploy takes: a plan, and to write the states under their lock. What it may do in the cluster is Kubernetes' to say. */
export function deployPermissions(platform: Platform, repositories: Repositories): Permission[] {
  const bucket = bucketArn(platform.state);
  return [
    ...planPermissions(platform, repositories),
    { actions: ['s3:PutObject'], resources: STACKS.map((stack) => `${bucket}/${stateKey(platform, stack)}`) },
    {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: STACKS.map((stack) => `${bucket}/${lockKey(platform, stack)}`),
    },
  ];
}
