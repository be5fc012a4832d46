import { z } from 'zod';
import { replicas, targetCpu } from '../tenant/names';
import { SERVICE_DEFAULTS, type TenantServiceSpec } from '../tenant/spec';

const some = replicas.min(1, 'must be 1 or more');

/** How many pods a service has, as a person writes it: a number, or between which numbers it may go by itself. */
export const writtenReplicas = z.union(
  [
    replicas,
    z.strictObject({
      min: some.exactOptional().describe('Pods of the service when it is idle. Default: 1.'),
      max: some.exactOptional().describe('Pods of the service when it is busy. Needed, in one of the places.'),
      cpu: targetCpu
        .exactOptional()
        .describe(
          'CPU that its pods use on average before there are more of them, in percent of what each asks for. Default: 80.',
        ),
    }),
  ],
  'must be a number of pods, or a map such as { min: 2, max: 10, cpu: 80 }',
);

interface Written {
  readonly replicas?: Readonly<z.output<typeof writtenReplicas>>;
  readonly schedule?: string;
}

/** One with a schedule has none: it runs at its time alone. */
export function podsOf({
  replicas = 1,
  schedule,
}: Written): Required<Pick<TenantServiceSpec, 'replicas' | 'maxReplicas' | 'targetCpu'>> {
  const { maxReplicas: none, targetCpu } = SERVICE_DEFAULTS;
  if (schedule !== undefined) return { replicas: 0, maxReplicas: none, targetCpu };
  if (typeof replicas === 'number') return { replicas, maxReplicas: none, targetCpu };
  const { min = 1, max = min, cpu = targetCpu } = replicas;
  return { replicas: min, maxReplicas: max > min ? max : none, targetCpu: cpu };
}
