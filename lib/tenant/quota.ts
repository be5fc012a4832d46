import { z } from 'zod';
import { withApiRules } from './api-rules';
import { orNone } from './paths';
import { cpu, memory } from './resources';

export const mostPods = z
  .int('must be a whole number')
  .min(1, 'must be 1 or more')
  .max(10_000, 'must be at most 10000');

/** What all pods of a tenant may take together. */
export const quota = withApiRules(
  z.strictObject({
    cpu: orNone(cpu.max(7)).describe('CPU that its pods may ask for. Empty for no limit.'),
    memory: orNone(memory.max(7)).describe(
      'Memory that its pods may take: the sum of their limits. Empty for no limit.',
    ),
    pods: z.int().min(0).max(10_000).describe('How many pods it may have. 0 for no limit.'),
  }),
  { 'x-kubernetes-map-type': 'atomic' },
);

export type Quota = Readonly<z.output<typeof quota>>;

/** Of a Tenant that says nothing of it. */
export const NO_QUOTA: Quota = { cpu: '', memory: '', pods: 0 };
