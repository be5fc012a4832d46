import { bytes } from '../tenant/resources';
import { SERVICE_DEFAULTS } from '../tenant/spec';
import { type MergedService, mergedServices, onceEach } from './layers';
import { podsOf } from './pods';
import type { Problem } from './problem';
import { quotaPlaces } from './quota-places';
import type { Check, PlatformSource, TenantSource } from './sources';
import { quotaOf } from './written-quota';

/** The share of its pods that a service may have besides them while new ones replace old ones: `maxSurge` in operator/tenantry_operator/workload.py. */
const SURGE = 0.25;

/**
 * A quota that is too small for what is asked for: some pods would never be made. What it comes to may stand in several files. A tenant that
 * is stopped has no pods: it is counted when it comes back.
 */
export const quotasFit: Check = (platform, tenants) =>
  onceEach(
    tenants
      .filter(({ value }) => !value.decommission && !value.suspend)
      .flatMap((tenant) => problemsOf(platform, tenant)),
  );

interface Need {
  readonly name: string;
  readonly pods: number;
  /** In thousandths of a core. */
  readonly cpu: number;
  /** In bytes. */
  readonly memory: number;
}

function problemsOf(platform: PlatformSource, tenant: TenantSource): Problem[] {
  const places = quotaPlaces(platform, tenant);
  const quota = quotaOf(platform.value, tenant.value);
  const needs = mergedServices(platform, tenant).map(needOf);
  const sum = (of: (need: Need) => number) => needs.reduce((all, need) => all + of(need), 0);
  const given = { cpu: thousandths(quota.cpu || '0'), memory: bytes(quota.memory || '0Mi'), pods: quota.pods };
  const needed = {
    cpu: sum(({ cpu, pods }) => cpu * pods),
    memory: sum(({ memory, pods }) => memory * pods),
    pods: sum(({ pods }) => pods),
  };
  return (['cpu', 'memory', 'pods'] as const)
    .filter((key) => given[key] > 0 && given[key] < needed[key])
    .map((key) => {
      const { yaml, path } = places.find(({ quota }) => quota?.[key] !== undefined) as (typeof places)[number];
      const each = needs
        .filter(({ pods }) => pods > 0)
        .map((need) =>
          key === 'pods' ? `${need.name} ${need.pods}` : `${need.name} ${need.pods} × ${written(key, need[key])}`,
        );
      const least = written(key, needed[key]);
      const where = yaml === tenant.yaml ? '' : ` (in the tenant "${tenant.name}")`;
      return yaml.problem(
        [...path, key],
        `quota.${key} is ${quota[key]}, and the services need up to ${least}, with what a rollout, a migration or a job adds: ${each.join(', ')}. Say ${least} or more, or ask for less${where}`,
      );
    });
}

/** All pods that a service may have at the same time: with those that replace others, its migration, or its job. */
function needOf({ name, settings }: MergedService): Need {
  const { cpu, memoryLimit } = { ...SERVICE_DEFAULTS.resources, ...settings.resources };
  const { replicas, maxReplicas } = podsOf(settings);
  const most = Math.max(replicas, maxReplicas);
  const besides = settings.schedule !== undefined || (settings.migrate ?? []).length > 0 ? 1 : 0;
  return { name, pods: most + Math.ceil(most * SURGE) + besides, cpu: thousandths(cpu), memory: bytes(memoryLimit) };
}

function thousandths(cpu: string): number {
  return cpu.endsWith('m') ? Number.parseInt(cpu, 10) : Math.round(Number(cpu) * 1000);
}

function written(key: 'cpu' | 'memory' | 'pods', amount: number): string {
  if (key === 'pods') return String(amount);
  if (key === 'cpu') return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  return amount % 2 ** 30 === 0 ? `${amount / 2 ** 30}Gi` : `${amount / 2 ** 20}Mi`;
}
