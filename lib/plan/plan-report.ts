import { shownPath } from '../text/shown-path';
import { type PlanSubject, refuseForeign } from './foreign-plan';
import { heldImages, type RingWait, type UnprovenImage } from './held-images';
import { manifestOf, objectsOf } from './kubernetes-manifest';
import { type OtherChange, otherChange } from './other-change';
import { type Refusal, refusalOf } from './refusal';
import { type TenantChange, tenantChange } from './tenant-change';
import { isTenant, tenantFields } from './tenant-fields';
import type { TerraformPlan } from './terraform-plan';

/** What a run would change, for programs: the answer of `tenantry plan --json`. */
export interface PlanReport {
  /** Of this shape. */
  readonly version: 1;
  readonly platform: string;
  readonly stack: string;
  /** ISO 8601, UTC. */
  readonly plannedAt?: string;
  /** Whether the plan covers a part of the stack only. */
  readonly partial: boolean;
  /** Path of the lock that the platform is frozen to. */
  readonly frozen?: string;
  /** What whoever made the plan wants to have said with it. */
  readonly note?: string;
  readonly verdict: 'refused' | 'changes' | 'nothing';
  /** Why a run that does this must not be. */
  readonly refusals: readonly Refusal[];
  /** Every tenant of the stack after the run, sorted. */
  readonly tenants: readonly string[];
  /** Those that something happens to, sorted by name. */
  readonly changes: readonly TenantChange[];
  /** What else changes: what the cluster needs, what AWS needs. */
  readonly others: readonly OtherChange[];
  /** Tenants that keep the images they run until earlier rings are well on theirs. */
  readonly waits: readonly RingWait[];
  /** Images that no earlier ring would prove. */
  readonly unproven: readonly UnprovenImage[];
}

export interface ReportContext extends PlanSubject {
  readonly stack: string;
  readonly note?: string;
}

/**
 * What a plan would change, by tenant.
 *
 * @throws PlanUnreadable when it is the plan of another platform.
 */
export function planReport(plan: TerraformPlan, context: ReportContext): PlanReport {
  const { platform, stack, note } = context;
  refuseForeign(plan, context);
  // They keep the order of the rings, and do nothing.
  const markers = plan.resources.filter(({ type }) => type === 'terraform_data');
  const tenants = plan.resources.filter((resource) => isTenant(manifestOf(resource)));
  const rest = plan.resources.filter((resource) => !markers.includes(resource) && !tenants.includes(resource));

  const changes = tenants.flatMap((resource) => tenantChange(resource, platform) ?? []).sort(byTenant);
  const others = rest.flatMap((resource) => otherChange(resource, platform) ?? []);
  const refusals = [...tenants, ...rest].flatMap((resource) => refusalOf(resource) ?? []);
  const left = changes.filter(({ what }) => what !== 'left');
  const isChange = left.length + others.length > 0;
  return {
    version: 1,
    platform: platform.name,
    stack,
    ...(plan.plannedAt !== undefined && { plannedAt: plan.plannedAt }),
    partial: plan.partial,
    ...(platform.frozen !== undefined && { frozen: shownPath(platform.frozen) }),
    ...(note !== undefined && { note }),
    verdict: refusals.length > 0 ? 'refused' : isChange ? 'changes' : 'nothing',
    refusals,
    tenants: tenants.flatMap(({ after }) => tenantFields(objectsOf(after).manifest)?.name ?? []).sort(),
    changes,
    others,
    ...heldImages(tenants, changes),
  };
}

function byTenant(a: TenantChange, b: TenantChange): number {
  return a.tenant < b.tenant ? -1 : a.tenant > b.tenant ? 1 : 0;
}
