import { type Rollout, rollout } from '../tenant/rollout';
import { runsPods } from '../tenant/runs-pods';
import { objectsOf } from './kubernetes-manifest';
import type { TenantChange } from './tenant-change';
import { isTenant, type TenantFields, tenantFields } from './tenant-fields';
import type { PlannedResource } from './terraform-plan';

/** Tenants of a ring whose images change, and which keep what they run until earlier rings are well on theirs. */
export interface RingWait {
  readonly ring: string;
  /** Rings before it, in order. */
  readonly after: readonly string[];
  /** Seconds for which those must have been well, the longest of them. */
  readonly bakeSeconds: number;
  readonly tenants: readonly string[];
}

/** An image that tenants are to take, and no tenant of the rings before theirs would run: they are held for ever. */
export interface UnprovenImage {
  readonly service: string;
  readonly release: string;
  readonly tenants: readonly string[];
}

export interface HeldImages {
  readonly waits: readonly RingWait[];
  readonly unproven: readonly UnprovenImage[];
}

/** What the operator will hold back of the images that a run asks for, as it decides it: of each service by its release. */
export function heldImages(resources: readonly PlannedResource[], changes: readonly TenantChange[]): HeldImages {
  const manifests = resources.map(({ after }) => objectsOf(after).manifest);
  const tenants = new Map(manifests.flatMap((manifest) => plannedTenant(manifest) ?? []));
  const running = new Set([...tenants.values()].flatMap(runs));
  const waits = new Map<string, RingWait & { tenants: string[] }>();
  const unproven = new Map<string, UnprovenImage & { tenants: string[] }>();
  for (const { tenant, what, changes: all } of changes) {
    const images = all.flatMap((change) => (change.kind === 'image' && change.from && change.to ? [change] : []));
    const { fields, rollout } = tenants.get(tenant) ?? {};
    if (what !== 'changed' || images.length === 0 || !fields || runsNothing(fields) || !rollout?.after.length) continue;
    const { after } = rollout;
    const rings = after.map(({ ring }) => ring);
    const ring = fields.own.get('ring') ?? '';
    const bakeSeconds = Math.max(...after.map((one) => one.bakeSeconds));
    add(waits, [ring, after], { ring, after: rings, bakeSeconds, tenants: [] }, tenant);
    if (rollout.unproven === 'Allow') continue;
    for (const { service, to } of images) {
      const release = to?.release ?? '';
      if (rings.some((earlier) => running.has(keyOf(earlier, service, release)))) continue;
      add(unproven, [service, release], { service, release, tenants: [] }, tenant);
    }
  }
  return { waits: [...waits.values()], unproven: [...unproven.values()] };
}

interface PlannedTenant {
  readonly fields: TenantFields;
  readonly rollout: Rollout | undefined;
}

/** A manifest of a plan may be of any shape. */
function plannedTenant(manifest: unknown): readonly [readonly [string, PlannedTenant]] | undefined {
  const fields = tenantFields(manifest);
  if (!fields || !isTenant(manifest)) return undefined;
  const { data } = rollout.safeParse((manifest.spec as { rollout?: unknown } | undefined)?.rollout);
  return [[fields.name, { fields, rollout: data }]];
}

/** What a tenant runs pods of, as keys. */
function runs({ fields }: PlannedTenant): string[] {
  if (runsNothing(fields)) return [];
  const services = [...fields.services].filter(([, service]) =>
    runsPods({ replicas: Number(service.get('replicas')), schedule: service.get('schedule') ?? '' }),
  );
  return services.map(([name, service]) => keyOf(fields.own.get('ring') ?? '', name, service.get('release') ?? ''));
}

function keyOf(ring: string, service: string, release: string): string {
  return JSON.stringify([ring, service, release]);
}

function runsNothing({ own }: TenantFields): boolean {
  return own.get('decommission') === 'true' || own.get('suspend') === 'true';
}

function add<Held extends { readonly tenants: string[] }>(
  to: Map<string, Held>,
  of: unknown,
  empty: Held,
  tenant: string,
): void {
  const key = JSON.stringify(of);
  const held = to.get(key) ?? empty;
  held.tenants.push(tenant);
  to.set(key, held);
}
