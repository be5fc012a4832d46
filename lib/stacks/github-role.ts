import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import type { GithubOidc } from './github-oidc';
import { PERMISSIONS, policyDocument } from './permission';
import type { WantedRole } from './wanted-roles';

export interface GithubRoleProps {
  readonly oidc: GithubOidc;
  readonly role: WantedRole;
}

/** An IAM role that jobs of GitHub Actions assume. */
export class GithubRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { oidc, role: wanted }: GithubRoleProps) {
    super(scope, id);
    const role = new IamRole(this, 'role', {
      name: wanted.name,
      description: wanted.description,
      assumeRolePolicy: oidc.trust(wanted),
      maxSessionDuration: wanted.session,
    });
    new IamRolePolicy(this, 'policy', {
      name: PERMISSIONS,
      role: role.name,
      policy: policyDocument(wanted.permissions),
    });
    this.arn = role.arn;
  }
}
