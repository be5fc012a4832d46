/** Something that a role may do. There is no Deny: what nothing allows is refused. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The one policy that a role has, inline. */
export const PERMISSIONS = 'permissions';

/** The IAM policy that allows all of `permissions` and nothing else. */
export function policyDocument(permissions: readonly Permission[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: permissions.map(({ actions, resources }) => ({ Effect: 'Allow', Action: actions, Resource: resources })),
  });
}
