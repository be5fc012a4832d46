import type { PlatformSource, TenantSource } from './sources';
import type { WrittenQuota } from './written-quota';
import type { YamlFile } from './yaml-file';

export interface QuotaPlace {
  readonly yaml: YamlFile;
  readonly path: readonly string[];
  readonly quota: WrittenQuota | undefined;
  /** The plan that it is, if it is one. */
  readonly plan?: string;
}

/** Where a tenant's quota may be said: of each key the first that says it is right. */
export function quotaPlaces(
  { yaml, value: { quota, plans = {} } }: PlatformSource,
  tenant: Pick<TenantSource, 'yaml' | 'value'>,
): QuotaPlace[] {
  const { plan } = tenant.value;
  const its = plan !== undefined && Object.hasOwn(plans, plan) ? plans[plan] : undefined;
  return [
    { yaml: tenant.yaml, path: ['quota'], quota: tenant.value.quota },
    ...(plan === undefined ? [] : [{ yaml, path: ['plans', plan, 'quota'], quota: its?.quota, plan }]),
    { yaml, path: ['quota'], quota },
  ];
}
