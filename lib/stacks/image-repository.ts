import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import { Construct } from 'constructs';
import { MOVING_TAGS } from '../config/release';

export interface ImageRepositoryProps {
  /** Name in ECR. */
  readonly repositoryName: string;
}

/**
 * The ECR repository of one service: commits' tags are immutable, and nothing deletes anything. ECR doesn't know which images run, so a rule
 * that counts or dates tagged ones could take what a node wants to pull. Attestations have no tag, and AWS does not say that a rule for what
 * is untagged spares those whose image is kept (https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html); what is untagged
 * besides is what a build left that failed before its tag.
 */
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
    this.arn = repository.arn;
    this.url = repository.repositoryUrl;
  }
}
