import { awsPartition } from '../aws/arn';
import type { Platform } from '../config/platform';
import { SESSION } from '../config/run-time';
import { publishingWorkflow, wantsProof } from '../images/provenance/expected-build';
import { OPERATOR } from '../images/request';
import { branchSubjects, environmentSubjects, pullRequestSubjects } from './github-subject';
import type { Permission } from './permission';
import { pushPermissions } from './push-permissions';
import { roleName } from './role-name';
import { deployPermissions, planPermissions, type Repositories } from './run-permissions';
import { ISSUER, type TrustedJobs } from './trust-policy';

/** A role of GitHub's jobs, as the registry stack makes it and `tenantry doctor` looks for it. */
export interface WantedRole extends TrustedJobs {
  readonly name: string;
  /** Shown by AWS beside the role. */
  readonly description: string;
  /** Seconds for which a job may be it. */
  readonly session: number;
  /** All that it may do. */
  readonly permissions: readonly Permission[];
}

/** An ECR repository of the platform's own, and who builds what lies in it. */
export interface BuiltImage {
  /** Of the service, or `operator`. */
  readonly name: string;
  readonly repository: string;
  readonly github: string;
}

const HOUR = 3600;

export function builtImages(platform: Platform): BuiltImage[] {
  return [...platform.services.filter(({ image }) => image === undefined), operatorImage(platform)];
}

export function operatorImage({ github, operator }: Platform): BuiltImage {
  return { name: OPERATOR, repository: operator.repository, github };
}

export function repositoryArn({ registry: { account, region } }: Platform, repository: string): string {
  return `arn:${awsPartition(region)}:ecr:${region}:${account}:repository/${repository}`;
}

/** ARN of the identity provider that stands for GitHub in the account. */
export function providerArn({ registry: { account, region } }: Platform): string {
  return `arn:${awsPartition(region)}:iam::${account}:oidc-provider/${ISSUER}`;
}

export function roleArn({ registry: { account, region } }: Platform, name: string): string {
  return `arn:${awsPartition(region)}:iam::${account}:role/${name}`;
}

export function plannerRole(platform: Platform): WantedRole {
  const { github, name } = platform;
  return {
    name: roleName(platform, 'planner'),
    description: `Plans changes to the tenants of ${name} for pull requests`,
    subjects: pullRequestSubjects(github),
    session: HOUR,
    permissions: planPermissions(platform, repositories(platform)),
  };
}

/** In an environment, for the default branch all the same: any branch's job may name one, and only a setting at GitHub would keep it out. */
export function deployerRole(platform: Platform): WantedRole {
  const { branch, environment, github, name } = platform;
  return {
    name: roleName(platform, 'deployer'),
    description: `Deploys the tenants of ${name}`,
    ...(environment === undefined
      ? { subjects: branchSubjects(github, branch) }
      : { subjects: environmentSubjects(github, environment), ref: `refs/heads/${branch}` }),
    session: SESSION,
    permissions: deployPermissions(platform, repositories(platform)),
  };
}

/**
 * A role for each service, also where one GitHub repository builds several: each of its jobs can then push only what it builds, and a
 * service comes or goes without touching the role of another.
 *
 * It trusts one workflow, at one ref, and no other of the same repository: whatever else runs there could push what CI never saw. A commit would be no
 * such ref, since GitHub finds those of a fork under the name of the repository too, where nobody reviews anything.
 *
 * @param arn - of the ECR repository.
 */
export function pushRole(platform: Platform, { github, name, repository }: BuiltImage, arn?: string): WantedRole {
  return {
    name: roleName(platform, `push-${name}`),
    description: `Pushes the images of ${name} to ECR`,
    // Releases too: they are built by workflow_run, whose jobs always run for the default branch.
    subjects: branchSubjects(github, platform.branch),
    workflow: publishingWorkflow(platform),
    session: HOUR,
    permissions: pushPermissions(arn ?? repositoryArn(platform, repository)),
  };
}

function repositories(platform: Platform): Repositories {
  const images = builtImages(platform);
  const arns = (of: readonly BuiltImage[]) => of.map(({ repository }) => repositoryArn(platform, repository));
  return { arns: arns(images), provedArns: arns(images.filter(({ name }) => wantsProof(name, platform))) };
}
