import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { Construct } from 'constructs';
import { AUDIENCE, ISSUER, type TrustedJobs, trustPolicy } from './trust-policy';

export interface GithubOidcProps {
  /** ARN of a provider that is there already. Default: it is made here. */
  readonly existing?: string;
}

/** Lets GitHub Actions trade its own tokens for AWS roles, so that no AWS key is kept at GitHub. One per AWS account. */
export class GithubOidc extends Construct {
  private readonly arn: string;

  constructor(scope: Construct, id: string, { existing }: GithubOidcProps) {
    super(scope, id);
    if (existing !== undefined) {
      this.arn = existing;
      return;
    }
    // No thumbprints: AWS checks GitHub's certificate against its own trusted authorities.
    const provider = new IamOpenidConnectProvider(this, 'provider', {
      url: `https://${ISSUER}`,
      clientIdList: [AUDIENCE],
    });
    this.arn = provider.arn;
  }

  /** The trust policy of a role for exactly these jobs. */
  trust(jobs: TrustedJobs): string {
    return trustPolicy(this.arn, jobs);
  }
}
