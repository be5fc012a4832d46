import type { Permission } from './permission';

/** What `docker push` to one ECR repository takes. Nothing here deletes: an image that a tenant runs can't be pushed away. */
export function pushPermissions(repositoryArn: string): Permission[] {
  return [
    // The login belongs to the whole registry and opens none of its repositories by itself; ECR knows no narrower resource.
    { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:InitiateLayerUpload',
        'ecr:UploadLayerPart',
        'ecr:CompleteLayerUpload',
        'ecr:PutImage',
        // Reads: buildx looks at the manifest before it tags, and reuses layers as its cache.
        'ecr:BatchGetImage',
        'ecr:GetDownloadUrlForLayer',
        // Commit tags are immutable: a run that is repeated asks first whether its image is there.
        'ecr:DescribeImages',
      ],
      resources: [repositoryArn],
    },
  ];
}
