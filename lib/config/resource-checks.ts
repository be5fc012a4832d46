import { bytes, DEFAULT_RESOURCES } from '../tenant/resources';
import { mergedServices, onceEach } from './layers';
import type { Check } from './sources';

/** A pod that may take less memory than it asks for is none that Kubernetes takes. What it comes to may stand in several files. */
export const resourcesFit: Check = (platform, tenants) =>
  onceEach(
    tenants.flatMap((tenant) =>
      mergedServices(platform, tenant).flatMap(({ name, settings, problem }) => {
        const { memory, memoryLimit } = { ...DEFAULT_RESOURCES, ...settings.resources };
        if (bytes(memory) <= bytes(memoryLimit)) return [];
        const key = settings.resources?.memoryLimit ? 'memoryLimit' : 'memory';
        const said = (one: 'memory' | 'memoryLimit', is: string) =>
          settings.resources?.[one] ? is : `${is} (its default)`;
        return [
          problem(
            ['resources', key],
            `services.${name}.resources.memoryLimit must be at least memory: it is ${said('memoryLimit', memoryLimit)}, and memory ${said('memory', memory)}`,
          ),
        ];
      }),
    ),
  );
