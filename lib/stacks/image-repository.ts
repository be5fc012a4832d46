import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import { Construct } from 'constructs';
import { MOVING_TAGS } from '../config/release';

export interface ImageRepositoryProps {
  /** Name in ECR. */
  readonly repositoryName: string;
}

/** The ECR repository of one service: commits' tags are immutable, tagged images are kept for ever, and nothing deletes it. */
export class ImageRepository extends Construct {
  readonly arn: string;
  /** What stands before `@sha256:...` in a pinned image. */
  readonly url: string;

  constructor(scope: Construct, id: string, { repositoryName }: ImageRepositoryProps) {
    super(scope, id);
    const repository = new EcrRepository(this, 'repository', {
      name: repositoryName,
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilter: MOVING_TAGS.map((filter) => ({ filter, filterType: 'WILDCARD' })),
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'AES256' }],
      // Prevents a replacement. A service that leaves the platform file takes its block along, and the guard with it:
      // then ECR itself refuses, as it does for any repository that still has images, unless deletion is forced.
      lifecycle: { preventDestroy: true },
      forceDelete: false,
    });
    new EcrLifecyclePolicy(this, 'lifecycle', { repository: repository.name, policy: EXPIRE_UNTAGGED });
    this.arn = repository.arn;
    this.url = repository.repositoryUrl;
  }
}

// ECR doesn't know which images run, so no rule may count or date tagged ones: a node could find its digest gone.
const EXPIRE_UNTAGGED = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: 'Only images that have lost every tag, 30 days after their push',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 },
      action: { type: 'expire' },
    },
  ],
});
