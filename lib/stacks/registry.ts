import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { awsPartition } from '../aws/arn';
import type { Platform } from '../config/platform';
import { SESSION } from '../config/run-time';
import { wantsProof } from '../images/provenance/expected-build';
import { OPERATOR } from '../images/request';
import { ClusterAccess } from './cluster-access';
import { GithubOidc } from './github-oidc';
import { GithubRole } from './github-role';
import { branchSubjects, environmentSubjects, pullRequestSubjects } from './github-subject';
import { ImageRepository } from './image-repository';
import { pushPermissions } from './push-permissions';
import { roleName } from './role-name';
import { deployPermissions, planPermissions } from './run-permissions';
import { s3State } from './state-backend';

export interface RegistryStackProps {
  readonly platform: Platform;
}

/** What one GitHub repository builds and pushes. */
interface BuiltImage {
  readonly name: string;
  readonly repository: string;
  readonly github: string;
}

/**
 * What the platform needs of AWS: an ECR repository for every service and for the operator, and the roles that GitHub's
 * jobs assume; for a registry that another platform's stack made, only the planner and deployer. An AWS administrator applies it;
 * no role that it makes can change it.
 */
export class RegistryStack extends TerraformStack {
  constructor(scope: Construct, id: string, { platform }: RegistryStackProps) {
    super(scope, id);
    const { branch, cluster, environment, github, name, registry } = platform;
    s3State(this, platform);
    new AwsProvider(this, 'aws', {
      region: registry.region,
      allowedAccountIds: [registry.account],
      defaultTags: [{ tags: { ManagedBy: 'tenantry', Platform: name } }],
    });

    const partition = awsPartition(registry.region);
    const oidc = new GithubOidc(this, 'github', {
      partition,
      ...(registry.shared && { existingIn: registry.account }),
    });
    const built = platform.services.filter(({ image }) => image === undefined);
    const images = [...built, { name: OPERATOR, repository: platform.operator.repository, github }];
    if (!registry.shared) this.makeRepositories(images, oidc, platform);

    const arn = ({ repository }: BuiltImage) =>
      `arn:${partition}:ecr:${registry.region}:${registry.account}:repository/${repository}`;
    const repositories = {
      arns: images.map(arn),
      provedArns: images.filter((image) => wantsProof(image.name, platform)).map(arn),
    };
    const planner = new GithubRole(this, 'planner', {
      oidc,
      roleName: roleName(platform, 'planner'),
      description: `Plans changes to the tenants of ${name} for pull requests`,
      subjects: pullRequestSubjects(github),
      permissions: planPermissions(platform, repositories),
    });
    const deployer = new GithubRole(this, 'deployer', {
      oidc,
      roleName: roleName(platform, 'deployer'),
      description: `Deploys the tenants of ${name}`,
      subjects: environment === undefined ? branchSubjects(github, branch) : environmentSubjects(github, environment),
      session: SESSION,
      permissions: deployPermissions(platform, repositories),
    });
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
  private makeRepositories(images: readonly BuiltImage[], oidc: GithubOidc, platform: Platform): void {
    const made = images.map(({ name, repository: repositoryName, github }) => {
      const repository = new ImageRepository(this, `image-${name}`, { repositoryName });
      // A role for each service, also where one GitHub repository builds several: each of its jobs can then push only
      // what it builds, and a service comes or goes without touching the role of another.
      const pusher = new GithubRole(this, `push-${name}`, {
        oidc,
        roleName: roleName(platform, `push-${name}`),
        description: `Pushes the images of ${name} to ECR`,
        // Releases too: they are built by workflow_run, whose jobs always run for the default branch.
        subjects: branchSubjects(github, platform.branch),
        permissions: pushPermissions(repository.arn),
      });
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
