import type { Platform } from '../config/platform';
import type { PlannedResource, TerraformPlan } from './terraform-plan';

/** What Terraform would plan for tenants that are as they should be. */
export function unchangedPlan(platform: Pick<Platform, 'name'>, tenants: readonly string[]): TerraformPlan {
  return {
    plannedAt: new Date().toISOString(),
    partial: false,
    isApplyable: false,
    platform: platform.name,
    resources: tenants.map((name): PlannedResource => {
      const value = { manifest: { apiVersion: 'tenantry.dev/v1', kind: 'Tenant', metadata: { name }, spec: {} } };
      const address = `kubernetes_manifest.${name}`;
      return {
        address,
        type: 'kubernetes_manifest',
        name,
        action: 'none',
        before: value,
        after: value,
        wasDeleted: false,
      };
    }),
  };
}
