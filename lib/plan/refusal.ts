import { liveTenant, objectsOf } from './kubernetes-manifest';
import type { PlannedResource } from './terraform-plan';

/** Something that a run must not do. */
export interface Refusal {
  /** What it would be done to: a tenant, or the definition of all. */
  readonly subject: string;
  /** What would become of it, and what to do. */
  readonly reason: string;
}

/** Why a run that does this must not be: the cluster would refuse it too, but half-way through. */
export function refusalOf({ action, before }: PlannedResource): Refusal | undefined {
  if (action !== 'delete' && action !== 'replace') return undefined;
  const { manifest, object } = objectsOf(before);
  const live = liveTenant(before);
  if (live) {
    if (live.own.get('decommission') === 'true') return undefined;
    if (action === 'delete') {
      return {
        subject: live.name,
        reason:
          'would be deleted, and it is in use. Bring its file back; to delete it, set decommission: true there, deploy, then remove the file',
      };
    }
    return {
      subject: live.name,
      reason:
        'would be deleted and made anew, and it is in use. Look for what changed in its name, its kind or its version: this program never asks for that',
    };
  }
  const { kind, metadata } = (object ?? manifest ?? {}) as { kind?: unknown; metadata?: { name?: unknown } };
  if (kind === 'CustomResourceDefinition' && metadata?.name === 'tenants.tenantry.dev') {
    return {
      subject: 'tenants.tenantry.dev',
      reason:
        'is the definition of Tenant: it would be deleted, and every tenant with it. Bring operator/deploy/crd.yaml back as it was',
    };
  }
  return undefined;
}
