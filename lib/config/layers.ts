import type { Problem } from './problem';
import type { WrittenSecrets } from './secrets';
import { merged, type ServiceSettings, settingsOver } from './service-settings';
import type { PlatformSource, TenantSource } from './sources';
import type { YamlFile } from './yaml-file';

/** What one place says of a service. */
interface Layer {
  readonly yaml: YamlFile;
  readonly path: readonly string[];
  readonly settings: ServiceSettings | undefined;
}

/** A service of one tenant as its files come to, and the way back to where each thing of it is written. */
export interface MergedService {
  readonly name: string;
  readonly settings: ServiceSettings & { readonly secrets?: WrittenSecrets };
  readonly hasPort: boolean;
  /** A problem with what stands at a path below the service, in the file that has the last word on it. */
  readonly problem: (path: readonly string[], message: string) => Problem;
}

/** Every service of a tenant. */
export function mergedServices(platform: PlatformSource, tenant: TenantSource): MergedService[] {
  return Object.entries(platform.value.services).map(([name, service]) => {
    const path = ['services', name];
    const [plan, own] = settingsOver(name, platform.value.plans, tenant.value);
    const layers: Layer[] = [
      { yaml: platform.yaml, path, settings: service },
      { yaml: platform.yaml, path: ['plans', tenant.value.plan ?? '', ...path], settings: plan },
      { yaml: tenant.yaml, path, settings: own },
    ];
    return {
      name,
      settings: merged(service, plan, own),
      hasPort: service.port !== undefined,
      problem: (below, message) => {
        const { yaml, path } = layers.findLast(({ settings }) => has(settings, below)) ?? (layers[0] as Layer);
        const where = yaml === tenant.yaml ? '' : ` (in the tenant "${tenant.name}")`;
        return yaml.problem([...path, ...below], message + where);
      },
    };
  });
}

/** The problems of all tenants. What a platform says wrong to each of them is told once, of the first. */
export function onceEach(problems: readonly Problem[]): Problem[] {
  const told = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify({ ...problem, message: problem.message.replace(/ \(in the tenant "[^"]*"\)$/, '') });
    return !told.has(key) && told.add(key);
  });
}

function has(value: unknown, [key, ...below]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
  return has((value as Readonly<Record<string, unknown>>)[key], below);
}
