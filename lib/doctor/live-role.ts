import {
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { PERMISSIONS, policyDocument } from '../stacks/permission';
import { ISSUER, trustPolicy } from '../stacks/trust-policy';
import type { WantedRole } from '../stacks/wanted-roles';
import { sameDocument } from './same-document';
import type { Finding } from './step';

/**
 * In what a role in AWS is not as the registry stack makes it.
 *
 * @param provider - ARN of the identity provider that stands for GitHub.
 */
export async function* roleFindings(iam: IAMClient, role: WantedRole, provider: string): AsyncGenerator<Finding> {
  const { name: RoleName } = role;
  const found = await unlessGone(iam.send(new GetRoleCommand({ RoleName })));
  if (!found?.Role) {
    yield { flaw: `there is no role ${RoleName}` };
    return;
  }
  const { AssumeRolePolicyDocument: trust, MaxSessionDuration: session = 0 } = found.Role;
  const trusted = parsed(trust);
  if (!sameDocument(trusted, JSON.parse(trustPolicy(provider, role)))) yield { flaw: trustFlaw(role, trusted) };
  if (session < role.session) {
    yield { flaw: `${RoleName} may be assumed for ${session} s, and the workflow asks for ${role.session} s` };
  }
  const [inline, attached] = await Promise.all([
    iam.send(new ListRolePoliciesCommand({ RoleName })),
    iam.send(new ListAttachedRolePoliciesCommand({ RoleName })),
  ]);
  const names = inline.PolicyNames ?? [];
  const more = [
    ...names.filter((one) => one !== PERMISSIONS),
    ...(attached.AttachedPolicies ?? []).map(({ PolicyName = 'without a name' }) => PolicyName),
  ];
  if (more.length > 0) yield { flaw: `${RoleName} has rights beyond its own, by ${more.join(', ')}` };
  if (!names.includes(PERMISSIONS)) {
    yield { flaw: `${RoleName} has no rights` };
    return;
  }
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: PERMISSIONS }));
  if (!sameDocument(parsed(PolicyDocument), JSON.parse(policyDocument(role.permissions)))) {
    yield { flaw: `the rights of ${RoleName} are not those that it is made with` };
  }
}

function trustFlaw({ name, subjects, workflow, ref }: WantedRole, trusted: unknown): string {
  const anyWorkflow = workflow !== undefined && !JSON.stringify(trusted ?? null).includes(`${ISSUER}:job_workflow_ref`);
  if (anyWorkflow) return `${name} trusts any workflow, and should trust ${workflow} alone`;
  if (ref !== undefined && !JSON.stringify(trusted ?? null).includes(`${ISSUER}:ref`)) {
    return `${name} trusts any branch that names its environment, and should trust ${ref} alone`;
  }
  return `${name} does not trust ${[...subjects, ...(workflow ? [workflow] : []), ...(ref ? [ref] : [])].join(', ')} and nobody else`;
}

/** IAM gives documents with their characters encoded as in a URL. */
function parsed(document: string | undefined): unknown {
  try {
    return JSON.parse(decodeURIComponent(document ?? ''));
  } catch {
    return undefined;
  }
}

export async function unlessGone<Found>(answer: Promise<Found>): Promise<Found | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as Error).name === 'NoSuchEntityException' || (error as Error).name === 'NoSuchEntity') return undefined;
    throw error;
  }
}
