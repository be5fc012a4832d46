import { z } from 'zod';
import { mostPods, NO_QUOTA, type Quota } from '../tenant/quota';
import { cpu, memory } from '../tenant/resources';
import { asWritten } from './as-written';

/** What all pods of a tenant may take together, as a person writes it. */
export const writtenQuota = z.strictObject({
  cpu: asWritten(cpu)
    .exactOptional()
    .describe('CPU that all pods of a tenant may ask for together: 500m, 4. Default: no limit.'),
  memory: memory
    .exactOptional()
    .describe('Memory that they may take together, the sum of each memoryLimit: 8Gi. Default: no limit.'),
  pods: mostPods.exactOptional().describe('How many pods a tenant may have. Default: no limit.'),
});

export type WrittenQuota = Readonly<z.output<typeof writtenQuota>>;

interface Says {
  readonly quota?: WrittenQuota | undefined;
}

/** What is said of it for a tenant, key by key: its own file has the last word, and its plan the one before. */
export function quotaOf(
  platform: Says & { readonly plans?: Readonly<Record<string, Says>> | undefined },
  tenant: Says & { readonly plan?: string | undefined },
): Quota {
  const plan = tenant.plan === undefined ? undefined : platform.plans?.[tenant.plan];
  return { ...NO_QUOTA, ...platform.quota, ...plan?.quota, ...tenant.quota };
}
