import type { Problem } from './problem';
import type { WrittenSecrets } from './secrets';
import { merged, type ServiceSettings, settingsOver } from './service-settings';
import type { PlatformSource, TenantSource } from './sources';
import type { YamlFile } from './yaml-file';

/** What one place says of a service. */
export interface Layer {
  readonly yaml: YamlFile;
  /** Where it says it. */
  readonly path: readonly string[];
  readonly settings: ServiceSettings | undefined;
  /** The plan that it is, if it is one. */
  readonly plan?: string;
}

/** A service of one tenant as its files come to, and the way back to where each thing of it is written. */
export interface MergedService {
  readonly name: string;
  readonly settings: ServiceSettings & { readonly secrets?: WrittenSecrets };
  readonly hasPort: boolean;
  /** A problem with what stands at a path below the service, in the file that has the last word on it. */
  readonly problem: (path: readonly string[], message: string) => Problem;
  /** Which of two keys was said last, so that it is the one that does not fit; the first where one place says both. */
  readonly saidLast: (one: string, other: string) => string;
}

/** The places that say something of a service of a tenant: the later goes before the earlier. */
export function layersOf(platform: PlatformSource, tenant: TenantSource, service: string): Layer[] {
  const path = ['services', service];
  const { plan = '' } = tenant.value;
  const [ofPlan, own] = settingsOver(service, platform.value.plans, tenant.value);
  return [
    { yaml: platform.yaml, path, settings: platform.value.services[service] },
    { yaml: platform.yaml, path: ['plans', plan, ...path], settings: ofPlan, plan },
    { yaml: tenant.yaml, path, settings: own },
  ];
}

/** The layer whose word on what stands at a path holds. Undefined where none says it, or a later one says something else in place of all that it stood in. */
export function lastWord(layers: readonly Layer[], path: readonly string[]): Layer | undefined {
  const last = layers.findLast(({ settings }) => has(settings, path) || replaces(settings, path));
  return has(last?.settings, path) ? last : undefined;
}

/** Every service of a tenant. */
export function mergedServices(platform: PlatformSource, tenant: TenantSource): MergedService[] {
  return Object.entries(platform.value.services).map(([name, service]) => {
    const layers = layersOf(platform, tenant, name);
    return {
      name,
      settings: merged(service, ...settingsOver(name, platform.value.plans, tenant.value)),
      hasPort: service.port !== undefined,
      problem: (below, message) => {
        const { yaml, path } = lastWord(layers, below) ?? (layers[0] as Layer);
        const where = yaml === tenant.yaml ? '' : ` (in the tenant "${tenant.name}")`;
        return yaml.problem([...path, ...below], message + where);
      },
      saidLast: (one, other) => {
        const place = (key: string) => layers.indexOf(lastWord(layers, [key]) ?? (layers[0] as Layer));
        return place(other) > place(one) ? other : one;
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

/** Whether it says a number where others have a map, such as `replicas: 3`: nothing of that map is left. */
function replaces(settings: Layer['settings'], [key = '']: readonly string[]): boolean {
  const value = (settings as Readonly<Record<string, unknown>> | undefined)?.[key];
  return value !== undefined && typeof value !== 'object';
}

/** Whether something stands at a path. */
export function has(value: unknown, [key, ...below]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
  return has((value as Readonly<Record<string, unknown>>)[key], below);
}
