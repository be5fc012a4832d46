import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import type { GithubOidc } from './github-oidc';
import { type Permission, policyDocument } from './permission';

export interface GithubRoleProps {
  readonly oidc: GithubOidc;
  readonly roleName: string;
  /** Shown by AWS beside the role. */
  readonly description: string;
  /** `sub` of the jobs that may assume the role, each exactly. */
  readonly subjects: readonly string[];
  /** Seconds for which a job may be it. Default: an hour. */
  readonly session?: number;
  /** All that the role may do. */
  readonly permissions: readonly Permission[];
}

/** An IAM role that jobs of GitHub Actions assume. */
export class GithubRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: GithubRoleProps) {
    super(scope, id);
    const role = new IamRole(this, 'role', {
      name: props.roleName,
      description: props.description,
      assumeRolePolicy: props.oidc.trust(props.subjects),
      maxSessionDuration: props.session ?? 3600,
    });
    new IamRolePolicy(this, 'policy', {
      name: 'permissions',
      role: role.name,
      policy: policyDocument(props.permissions),
    });
    this.arn = role.arn;
  }
}
