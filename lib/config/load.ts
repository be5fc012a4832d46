import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { shownPath } from '../text/shown-path';
import { readAfter } from './after';
import { CHECKS, FLEET_CHECKS, TENANT_CHECKS, tenantNameProblem } from './checks';
import { imageService } from './image-service';
import type { Cluster, Platform, Service } from './platform';
import { type PlatformFile, platformFile } from './platform-file';
import { ConfigurationError, type Problem } from './problem';
import { ringOf } from './ring';
import { validate } from './schema-problems';
import { servicePaths } from './service-paths';
import type { PlatformSource, Sources, TenantSource } from './sources';
import { type Tenant, tenantOf } from './tenant';
import { tenantFile } from './tenant-file';
import { egressOf } from './written-egress';
import { ingressOf } from './written-ingress';
import { YamlFile } from './yaml-file';

export interface Configuration {
  readonly platform: Platform;
  /** Sorted by name; never empty. */
  readonly tenants: readonly Tenant[];
}

/** Files of a tenants folder that are no tenants, and may be there. */
const NOT_TENANTS = /^(\..*|README\.md)$/;

const NO_PLATFORM_FILE =
  'there is no such file. The environment variable PLATFORM names the platform file; where it is not set, that is platform.yaml';

/** The platform file of this run: `platform.yaml`, unless the environment's PLATFORM names another. */
export function platformPath(): string {
  return process.env.PLATFORM || 'platform.yaml';
}

/**
 * Reads a platform file and the tenants that it names.
 *
 * @throws ConfigurationError with every problem of every file.
 */
export function loadConfiguration(path = platformPath()): Configuration {
  return configurationOf(loadSources(path));
}

/** The same, with the way back to where everything is written. */
export function loadSources(path = platformPath()): Sources {
  const yaml = YamlFile.read(path);
  const platform = readPlatform(yaml, path);
  const folder = Array.isArray(platform) ? probableFolder(yaml, path) : platform.value.tenants;
  const { sources, problems } =
    folder === undefined ? { sources: [], problems: [] } : readTenants(resolve(dirname(path), folder));
  const conflicts = TENANT_CHECKS.flatMap((check) => check(sources));
  if (Array.isArray(platform)) throw new ConfigurationError([...platform, ...problems, ...conflicts]);
  const all = [...problems, ...CHECKS.flatMap((check) => check(platform, sources)), ...conflicts];
  if (all.length > 0) throw new ConfigurationError(all);
  const ofTheFleet = FLEET_CHECKS.flatMap((check) => check(platform, sources));
  if (ofTheFleet.length > 0) throw new ConfigurationError(ofTheFleet);

  return { path, platform, tenants: sources };
}

/** What the files come to, with all defaults. */
export function configurationOf({ path, platform, tenants }: Sources): Configuration {
  const resolved = platformOf(platform, path);
  return { platform: resolved, tenants: tenants.map(({ name, value }) => tenantOf(name, value, resolved)) };
}

/**
 * The cluster that a platform file names, whatever is wrong with the files of its tenants.
 *
 * @throws ConfigurationError with every problem of the platform file itself.
 */
export function loadCluster(path = platformPath()): Cluster {
  const platform = readPlatform(YamlFile.read(path), path);
  if (Array.isArray(platform)) throw new ConfigurationError(platform);
  return clusterOf(platform.value, (other) => resolve(dirname(path), other));
}

function readPlatform(yaml: YamlFile | Problem[], path: string): PlatformSource | Problem[] {
  if (Array.isArray(yaml)) return existsSync(path) ? yaml : [{ file: shownPath(path), message: NO_PLATFORM_FILE }];
  const value = validate(platformFile, yaml);
  if (Array.isArray(value)) return value;
  const before = readAfter({ yaml, value }, path);
  if (Array.isArray(before)) return before;
  return { yaml, value, ...(before && { before }) };
}

/** The tenants folder of a platform file with problems, so that those of its tenants come with them. Never a folder that is only a guess. */
function probableFolder(yaml: YamlFile | Problem[], path: string): string | undefined {
  const named = Array.isArray(yaml) ? undefined : (yaml.value as { readonly tenants?: unknown }).tenants;
  if (typeof named === 'string' && named !== '') return named;
  const guess = join(dirname(path), 'tenants');
  // With several environments it holds a folder for each, and no tenants.
  const holdsTenants = existsSync(guess) && readdirSync(guess).some((name) => name.endsWith('.yaml'));
  return holdsTenants ? 'tenants' : undefined;
}

function readTenants(folder: string): { sources: TenantSource[]; problems: Problem[] } {
  const sources: TenantSource[] = [];
  const problems: Problem[] = [];
  const names = tenantFileNames(folder);
  if (!Array.isArray(names)) return { sources, problems: [names] };

  for (const fileName of names) {
    const path = join(folder, fileName);
    const file = shownPath(path);
    const name = fileName.replace(/\.yaml$/, '');
    if (name === fileName) {
      problems.push({
        file,
        message: 'is not a tenant: a tenant is a file <name>.yaml. Rename it or move it elsewhere',
      });
      continue;
    }
    const misnamed = tenantNameProblem(name);
    if (misnamed) problems.push({ file, message: `the file's name is the tenant's name, and "${name}" ${misnamed}` });
    const yaml = YamlFile.read(path);
    const value = Array.isArray(yaml) ? yaml : validate(tenantFile, yaml);
    if (Array.isArray(value)) problems.push(...value);
    else if (!Array.isArray(yaml)) sources.push({ name, yaml, value });
  }
  // By name, which is another order than that of the files: "a-b.yaml" comes before "a.yaml".
  return { sources: sources.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

/** The files of the tenants folder, sorted. An empty folder is a problem: it would plan to delete every tenant. */
function tenantFileNames(folder: string): string[] | Problem {
  const file = shownPath(folder);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => !NOT_TENANTS.test(name));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      return { file, message: 'there is no such folder, and "tenants" in the platform file names it' };
    return { file, message: `the tenants folder cannot be read: ${message}` };
  }
  if (names.length > 0) return names.sort();
  return { file, message: 'the tenants folder is empty, which would ask for every tenant to be deleted' };
}

function platformOf({ value: file, before }: PlatformSource, path: string): Platform {
  const beside = (other: string) => resolve(dirname(path), other);
  const { account, region, shared } = file.registry;
  return {
    name: file.name,
    release: file.release,
    github: file.github,
    branch: file.branch,
    registry: { account, region, ...(shared && { shared }) },
    services: Object.entries(file.services)
      .map(([name, service]): Service => {
        const { path: _, healthPath: __, provenance: ___, port = 0, ...own } = service;
        const builtAs = imageService({ name, ...service });
        const built = file.services[builtAs] as (typeof file.services)[string];
        const { github, repository = builtAs } = built;
        const proved = provenanceOf(built, file);
        return { name, ...own, repository, github: github as string, ...proved, port, ...servicePaths(name, service) };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(file.plans && { plans: file.plans }),
    operator: {
      repository: file.operator.repository,
      release: file.operator.release ?? file.release,
      ...provenanceOf(file.operator, file),
    },
    cluster: clusterOf(file, beside),
    ingress: ingressOf(file.ingress),
    egress: egressOf(file.egress),
    ...(file.quota && { quota: file.quota }),
    ...(file.database && { database: file.database }),
    ...(file.secretStore && { secretStore: file.secretStore }),
    state: { bucket: file.state.bucket, region: file.state.region ?? file.registry.region },
    rings: file.rings.map(ringOf),
    verify: file.verify,
    ...(before && { after: before }),
    ...(file.environment === undefined ? {} : { environment: file.environment }),
    ...(file.frozen === undefined ? {} : { frozen: beside(file.frozen) }),
  };
}

function provenanceOf(own: Pick<Partial<PlatformFile>, 'provenance'>, file: PlatformFile) {
  const { provenance = file.provenance } = own;
  return provenance === 'required' ? { provenance } : {};
}

function clusterOf({ cluster, registry }: PlatformFile, beside: (path: string) => string): Cluster {
  if (cluster.eks !== undefined) return { eks: cluster.eks, region: registry.region };
  const context = process.env.KUBE_CTX || cluster.context;
  return { kubeconfig: beside(cluster.kubeconfig as string), ...(context === undefined ? {} : { context }) };
}
