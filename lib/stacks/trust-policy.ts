/** Who signs the tokens of GitHub's jobs. */
export const ISSUER = 'token.actions.githubusercontent.com';
export const AUDIENCE = 'sts.amazonaws.com';

/** Jobs of GitHub Actions, by what GitHub says of them in their tokens. */
export interface TrustedJobs {
  /** `sub`: the repository, and the branch, environment or event; each exactly. */
  readonly subjects: readonly string[];
  /** `job_workflow_ref`: the called workflow that the job stands in, with its ref. Default: any workflow. */
  readonly workflow?: string;
  /** `ref`: what the run is of, which a subject that names an environment does not say. Default: any. */
  readonly ref?: string;
}

/** The trust policy of a role for exactly these jobs. */
export function trustPolicy(provider: string, { subjects, workflow, ref }: TrustedJobs): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: provider },
        Action: 'sts:AssumeRoleWithWebIdentity',
        // Equals, never Like: "repo:acme/web*" would trust whoever registers acme/web-evil.
        Condition: {
          StringEquals: {
            [`${ISSUER}:aud`]: AUDIENCE,
            [`${ISSUER}:sub`]: subjects,
            // AWS compares these claims of GitHub's since January 2026, so "sub" need not be made to carry it:
            // https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
            ...(workflow !== undefined && { [`${ISSUER}:job_workflow_ref`]: workflow }),
            ...(ref !== undefined && { [`${ISSUER}:ref`]: ref }),
          },
        },
      },
    ],
  });
}
