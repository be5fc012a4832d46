import { randomBytes } from 'node:crypto';

/** Who can talk to the local cluster: each its own context in the kubeconfig, with nothing but what RBAC grants it. */
export const IDENTITIES = {
  /**
   * On a real cluster an administrator asks for the second group by `kubectl --as="$USER" --as-group=tenantry:break-glass`, for as long as
   * an emergency lasts. Here it is always given: a Tenant edited by hand is what this platform is there to try. The admission policies
   * refuse an administrator without it: `__tests__/operator/admission.test.ts`.
   */
  admin: { user: 'admin', groups: ['system:masters', 'tenantry:break-glass'] },
  planner: { user: 'planner', groups: ['tenantry:planner'] },
  deployer: { user: 'deployer', groups: ['tenantry:deployer'] },
  /** As if with a token of its ServiceAccount. */
  operator: {
    user: 'system:serviceaccount:tenantry-system:tenantry-operator',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:tenantry-system'],
  },
} as const;

export type Identity = keyof typeof IDENTITIES;

export const IDENTITY_NAMES = Object.keys(IDENTITIES) as Identity[];

export type Tokens = Readonly<Record<Identity, string>>;

export function randomTokens(): Tokens {
  return Object.fromEntries(IDENTITY_NAMES.map((name) => [name, randomBytes(32).toString('hex')])) as Tokens;
}

/** The file that kube-apiserver reads with --token-auth-file. */
export function tokenAuthFile(tokens: Tokens): string {
  return IDENTITY_NAMES.map((name) => {
    const { user, groups } = IDENTITIES[name];
    return `${tokens[name]},${user},${name},"${groups.join(',')}"\n`;
  }).join('');
}
