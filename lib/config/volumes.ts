import { MOST_VOLUMES, type Volume } from '../tenant/volumes';
import { mergedServices, onceEach } from './layers';
import type { Problem } from './problem';
import type { ServiceSettings } from './service-settings';
import type { Check } from './sources';

/** As a Tenant has them, sorted by name. */
export function volumesOf(written: NonNullable<ServiceSettings['volumes']>): Volume[] {
  const names = Object.keys(written).sort();
  return names.map((name) => ({ name, ...(written[name] as Omit<Volume, 'name'>) }));
}

/** The volumes of a service may stand in several files. */
export const volumesFit: Check = (platform, tenants) =>
  onceEach(
    tenants.flatMap((tenant) =>
      mergedServices(platform, tenant).flatMap(({ name: service, settings: { volumes = {} }, problem }) => {
        const all = Object.entries(volumes);
        return [
          ...all.flatMap(([name, { path }], index): Problem[] => {
            const first = all.findIndex(([, other]) => other.path === path);
            if (first < 0 || first === index) return [];
            return [
              problem(['volumes', name, 'path'], `the path ${path} is that of the volume "${all[first]?.[0]}" too`),
            ];
          }),
          ...(all.length > MOST_VOLUMES
            ? [
                problem(
                  ['volumes'],
                  `services.${service}.volumes comes to ${all.length} volumes in all, and may have ${MOST_VOLUMES}`,
                ),
              ]
            : []),
        ];
      }),
    ),
  );
