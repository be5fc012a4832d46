import type { Platform } from '../config/platform';
import { registryHost } from '../images/pinned-image';
import { objectsOf } from './kubernetes-manifest';
import { PlanUnreadable } from './plan-unreadable';
import { tenantFields } from './tenant-fields';
import type { TerraformPlan } from './terraform-plan';

/** What a plan should be of. */
export interface PlanSubject {
  readonly platform: Platform;
  /** What was read, for a person. */
  readonly from: string;
}

/**
 * A plan that lies where another environment's was made, say: what it shows would be true, and of something else.
 *
 * @throws PlanUnreadable when it is the plan of another platform.
 */
export function refuseForeign(plan: TerraformPlan, { platform, from }: PlanSubject): void {
  if (plan.platform !== undefined && plan.platform !== platform.name) {
    throw new PlanUnreadable(
      from,
      `it is the plan of the platform ${JSON.stringify(plan.platform)}, and this is ${platform.name}. Say --platform, or plan again`,
    );
  }
  const registry = registryHost(platform.registry);
  for (const { after, action } of plan.resources) {
    const wanted = action === 'none' ? undefined : tenantFields(objectsOf(after).manifest);
    for (const fields of wanted?.services.values() ?? []) {
      const image = fields.get('image');
      if (image === undefined || image.startsWith(`${registry}/`)) continue;
      throw new PlanUnreadable(
        from,
        `it is the plan of another platform: it has the image ${JSON.stringify(image)}, and the images of ${platform.name} are in ${registry}. Say --platform, or plan again`,
      );
    }
  }
}
