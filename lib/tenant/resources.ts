import { z } from 'zod';
import { rule, withApiRules } from './api-rules';
import { text } from './names';

/** In thousandths of a core, or in cores: Kubernetes knows nothing finer. */
export const cpu = text('an amount of CPU, such as 100m or 0.5').regex(
  /^([1-9][0-9]{0,5}m|[1-9][0-9]{0,2}(\.[0-9]{1,3})?|0\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$/,
  'must be an amount of CPU: thousandths of a core (100m), or cores (0.5, 2)',
);

export const memory = text('an amount of memory, such as 512Mi or 2Gi').regex(
  /^[1-9][0-9]{0,4}(Mi|Gi)$/,
  'must be an amount of memory in Mi or Gi, such as 512Mi or 2Gi',
);

/** What a pod of a service asks for, and may take. Of CPU it may take what nobody else needs. */
export const resources = rule(
  withApiRules(
    z.strictObject({
      cpu: cpu.max(7).describe('CPU that each pod asks for.'),
      memory: memory.max(7).describe('Memory that each pod asks for.'),
      memoryLimit: memory.max(7).describe('Memory that each pod may take; it is ended when it takes more.'),
    }),
    { 'x-kubernetes-map-type': 'atomic' },
  ),
  {
    holds: ({ memory, memoryLimit }) => bytes(memory) <= bytes(memoryLimit),
    cel: 'quantity(self.memory).compareTo(quantity(self.memoryLimit)) <= 0',
    message: 'memoryLimit must be at least memory',
  },
);

export type Resources = Readonly<z.output<typeof resources>>;

/** Of a service that says nothing of them. */
export const DEFAULT_RESOURCES: Resources = { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' };

export function bytes(memory: string): number {
  return Number.parseInt(memory, 10) * (memory.endsWith('Gi') ? 2 ** 30 : 2 ** 20);
}
