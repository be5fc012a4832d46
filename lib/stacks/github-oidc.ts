import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { Construct } from 'constructs';

const ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com';

export interface GithubOidcProps {
  /** AWS account whose provider is there already. Default: it is made here. */
  readonly existingIn?: string;
  readonly partition: string;
}

/** Lets GitHub Actions trade its own tokens for AWS roles, so that no AWS key is kept at GitHub. One per AWS account. */
export class GithubOidc extends Construct {
  private readonly arn: string;

  constructor(scope: Construct, id: string, { existingIn, partition }: GithubOidcProps) {
    super(scope, id);
    if (existingIn !== undefined) {
      this.arn = `arn:${partition}:iam::${existingIn}:oidc-provider/${ISSUER}`;
      return;
    }
    // No thumbprints: AWS checks GitHub's certificate against its own trusted authorities.
    const provider = new IamOpenidConnectProvider(this, 'provider', {
      url: `https://${ISSUER}`,
      clientIdList: [AUDIENCE],
    });
    this.arn = provider.arn;
  }

  /** The trust policy of a role for exactly these subjects. */
  trust(subjects: readonly string[]): string {
    return JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: this.arn },
          Action: 'sts:AssumeRoleWithWebIdentity',
          // Equals, never Like: "repo:acme/web*" would trust whoever registers acme/web-evil.
          Condition: { StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subjects } },
        },
      ],
    });
  }
}
