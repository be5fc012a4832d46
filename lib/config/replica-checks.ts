import { mergedServices, onceEach } from './layers';
import type { Check } from './sources';

/** The numbers between which a service goes by itself may stand in several files. */
export const replicasFit: Check = (platform, tenants) =>
  onceEach(
    tenants.flatMap((tenant) =>
      mergedServices(platform, tenant).flatMap(({ name, settings: { replicas }, problem }) => {
        if (replicas === undefined || typeof replicas === 'number') return [];
        const { min = 1, max } = replicas;
        if (max === undefined) {
          const message = `services.${name}.replicas has no "max" up to which it may go: say one, or write "replicas: ${min}"`;
          return [problem(['replicas'], message)];
        }
        if (min <= max) return [];
        // Where one of the two was said last: the other may stand in another file.
        const message = `services.${name}.replicas comes to min ${min} and max ${max}: max must be at least min`;
        return [problem(['replicas'], message)];
      }),
    ),
  );
