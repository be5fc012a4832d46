import type { Tenant } from '../../lib/config/tenant';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import type { ImageSet } from '../../lib/images/image-set';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import type { Condition } from '../../lib/tenant/status';

export const READY: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Ready',
  message: 'all is well',
  lastTransitionTime: '2026-11-22T06:00:00Z',
};
export const DECOMMISSIONED: Condition = { ...READY, reason: 'Decommissioned' };
export const ROLLING: Condition = {
  ...READY,
  status: 'False',
  reason: 'RolloutInProgress',
  message: 'web: 1 of 2 pods',
};
export const STALLED: Condition = {
  type: 'Stalled',
  status: 'True',
  reason: 'RoleConflict',
  message: 'the role is not its',
  lastTransitionTime: '2026-11-22T06:00:00Z',
};

interface Status {
  readonly conditions?: readonly Condition[];
  /** Default: of its only generation, 1. */
  readonly observedGeneration?: number;
}

/** A Tenant as a run made it of its file, with the status that the operator gave it. Default: it is ready. */
export function liveTenant(
  tenant: Tenant,
  images: ImageSet,
  { conditions = [READY], observedGeneration = 1 }: Status = {},
): LiveTenant {
  const metadata = { name: tenant.name, generation: 1, creationTimestamp: '2026-11-22T06:00:00Z' };
  return { metadata, spec: tenantManifest(tenant, images).spec, status: { observedGeneration, conditions } };
}
