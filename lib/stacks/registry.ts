import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { Platform } from '../config/platform';
import { ClusterAccess } from './cluster-access';
import { GithubOidc } from './github-oidc';
import { GithubRole } from './github-role';
import { ImageRepository } from './image-repository';
import { s3State } from './state-backend';
import { builtImages, deployerRole, plannerRole, providerArn, pushRole } from './wanted-roles';

export interface RegistryStackProps {
  readonly platform: Platform;
}

/**
 * What the platform needs of AWS: an ECR repository for every service and for the operator, and the roles that GitHub's
 * jobs assume; for a registry that another platform's stack made, only the planner and deployer. An AWS administrator applies it;
 * no role that it makes can change it.
 */
export class RegistryStack extends TerraformStack {
  constructor(scope: Construct, id: string, { platform }: RegistryStackProps) {
    super(scope, id);
    const { cluster, github, name, registry } = platform;
    s3State(this, platform);
    new AwsProvider(this, 'aws', {
      region: registry.region,
      allowedAccountIds: [registry.account],
      defaultTags: [{ tags: { ManagedBy: 'tenantry', Platform: name } }],
    });

    const oidc = new GithubOidc(this, 'github', registry.shared ? { existing: providerArn(platform) } : {});
    if (!registry.shared) this.makeRepositories(oidc, platform);
    const planner = new GithubRole(this, 'planner', { oidc, role: plannerRole(platform) });
    const deployer = new GithubRole(this, 'deployer', { oidc, role: deployerRole(platform) });
    if ('eks' in cluster) {
      new ClusterAccess(this, 'cluster', { cluster, plannerArn: planner.arn, deployerArn: deployer.arn });
    }

    new TerraformOutput(this, 'planner-role-arn', {
      description: `Role for the pull request workflow of ${github}, which shows what a change would do.`,
      value: planner.arn,
    });
    new TerraformOutput(this, 'deployer-role-arn', {
      description: `Role for the deploy workflow of ${github}.`,
      value: deployer.arn,
    });
  }

  /** An ECR repository for every image, and for each the role that pushes to it. */
  private makeRepositories(oidc: GithubOidc, platform: Platform): void {
    const made = builtImages(platform).map((image) => {
      const { name } = image;
      const repository = new ImageRepository(this, `image-${name}`, { repositoryName: image.repository });
      const pusher = new GithubRole(this, `push-${name}`, { oidc, role: pushRole(platform, image, repository.arn) });
      return { name, repository, pusher };
    });
    new TerraformOutput(this, 'push-role-arns', {
      description: 'By service: role for the workflow that builds and pushes its images, in its GitHub repository.',
      value: Object.fromEntries(made.map(({ name, pusher }) => [name, pusher.arn])),
    });
    new TerraformOutput(this, 'repository-urls', {
      description: 'By service: where its images are pushed to and pulled from.',
      value: Object.fromEntries(made.map(({ name, repository }) => [name, repository.url])),
    });
  }
}
