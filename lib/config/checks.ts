import { tenantName } from '../tenant/names';
import { MOST_SECRETS } from '../tenant/secrets';
import { suggestion } from '../text/suggestion';
import { jobsFit } from './job-checks';
import { ecrRepository } from './names';
import type { PlatformFile } from './platform-file';
import { podsOf } from './pods';
import type { Problem } from './problem';
import { quotasFit } from './quota-checks';
import { releaseTag } from './release';
import { replicasFit } from './replica-checks';
import { resourcesFit } from './resource-checks';
import { policyOf, ringNameOf, ringOf } from './ring';
import { rolesFit } from './role-checks';
import { WAITING } from './run-time';
import { secretStoreFits } from './secret-store-checks';
import { secretsOf } from './secrets';
import { isBelow, routed, servicePaths } from './service-paths';
import { merged, settingsOver } from './service-settings';
import type { Check, PlatformSource, TenantSource } from './sources';
import { defaultDatabase } from './tenant';
import { variablesFit } from './variable-checks';
import { volumesFit } from './volumes';

/** What no schema of one file can see. Each is asked only of files that hold against their own schema. */
export const CHECKS: readonly Check[] = [
  servicesAreNamedAsRepositories,
  repositoriesDiffer,
  imagesAreOfOthers,
  whatHasNoPortIsAskedNothing,
  pathsDiffer,
  healthPathsLeadToTheirServices,
  ringsExist,
  plansExist,
  databaseServersExist,
  servicesExist,
  secretsFitThePlatforms,
  secretStoreFits,
  releasesHaveTagsOfTheirOwn,
  variablesFit,
  resourcesFit,
  replicasFit,
  quotasFit,
  jobsFit,
  rolesFit,
  volumesFit,
  waitingFitsTheRun,
];

/** What only the whole fleet shows: asked when every file holds, for a tenant whose file does not is no tenant here. */
export const FLEET_CHECKS: readonly Check[] = [ringsAreProved];

/** What tenants are checked for among themselves, even where the platform file has problems. */
export const TENANT_CHECKS: readonly ((tenants: readonly TenantSource[]) => Problem[])[] = [
  hostsDiffer,
  databasesDiffer,
];

/** A tenant's name is its file's name, so it is checked like a value that stands in the file. */
export function tenantNameProblem(name: string): string | undefined {
  const result = tenantName.safeParse(name);
  return result.success ? undefined : result.error.issues.map(({ message }) => message).join('; ');
}

function servicesAreNamedAsRepositories({ yaml, value }: PlatformSource): Problem[] {
  return Object.entries(value.services)
    .filter(([, { repository, image }]) => repository === undefined && image === undefined)
    .filter(([name]) => !ecrRepository.safeParse(name).success)
    .map(([name]) =>
      yaml.keyProblem(['services'], name, `"${name}" is not a name that ECR takes: give the service a "repository"`),
    );
}

function waitingFitsTheRun({ yaml, value }: PlatformSource): Problem[] {
  const { attempts, interval } = value.verify;
  if (attempts === undefined || attempts * interval <= WAITING) return [];
  return [
    yaml.problem(
      ['verify', 'attempts'],
      `would wait for tenants for ${attempts * interval} s, and a run of deploy-tenants has ${WAITING} s for it: say at most ${Math.floor(WAITING / interval)}. The operator goes on without a run, and the next run looks again`,
    ),
  ];
}

function repositoriesDiffer({ yaml, value }: PlatformSource): Problem[] {
  const built = Object.entries(value.services).filter(([, { image }]) => image === undefined);
  const repositories = built.map(([name, service]) => ({
    key: service.repository ?? name,
    problem: (message: string) => yaml.keyProblem(['services'], name, message),
  }));
  const operator = {
    key: value.operator.repository,
    problem: (message: string) => yaml.problem(['operator', 'repository'], message),
  };
  return repeated([...repositories, operator]).map(({ key, problem }) =>
    problem(`the ECR repository "${key}" belongs to another service already: each can push to its own only`),
  );
}

/** A second process is one of a service that has an image, and its release is that of the image. */
function imagesAreOfOthers({ yaml, value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const services = Object.entries(value.services);
  const known = services.filter(([, { image }]) => image === undefined).map(([name]) => name);
  return services.flatMap(([name, { image }]) => {
    if (image === undefined) return [];
    const problem = (message: string) => [yaml.problem(['services', name, 'image'], message)];
    if (!Object.hasOwn(value.services, image)) {
      return problem(`there is no service "${image}", whose image "${name}" could run${suggestion(image, known)}`);
    }
    if (image === name)
      return problem(`"${name}" can not run its own image by "image": leave it out, and give it a "github"`);
    const whose = value.services[image]?.image;
    if (whose !== undefined) return problem(`"${image}" runs the image of "${whose}": name that here, if it is meant`);
    return tenants
      .filter((tenant) => tenant.value.services[name]?.release !== undefined)
      .map((tenant) =>
        tenant.yaml.problem(
          ['services', name, 'release'],
          `"${name}" runs the image of "${image}", whose release it has: say "release" there`,
        ),
      );
  });
}

function whatHasNoPortIsAskedNothing({ yaml, value }: PlatformSource): Problem[] {
  return Object.entries(value.services).flatMap(([name, service]) =>
    (['path', 'healthPath'] as const)
      .filter((key) => service.port === undefined && (service[key] ?? null) !== null)
      .map((key) =>
        yaml.keyProblem(
          ['services', name],
          key,
          `"${name}" has no port, so that nobody could ask it: leave out its "${key}", or give it a "port"`,
        ),
      ),
  );
}

function pathsDiffer({ yaml, value }: PlatformSource): Problem[] {
  const services = servicesWithPath(value);
  return services.flatMap(({ name, path }) => {
    const others = services.filter((other) => other.path === path && other.name !== name);
    if (others.length === 0) return [];
    const named = others.map((other) => `"${other.name}"`).join(' and ');
    return [
      yaml.problem(
        ['services', name, 'path'],
        `the path ${path} is that of ${named} too: give each a "path" of its own`,
      ),
    ];
  });
}

/** Health is asked from outside as well: a path that leads to another service would say how that one is. */
function healthPathsLeadToTheirServices({ yaml, value }: PlatformSource): Problem[] {
  const services = servicesWithPath(value);
  return services.flatMap(({ name, path, healthPath }) => {
    if (healthPath === undefined) return [];
    const answering = routed(healthPath, services);
    if (answering?.path === path) return [];
    const who = answering ? `service "${answering.name}" (path ${answering.path})` : 'no service';
    const where =
      answering && isBelow(path, answering.path) ? `below ${path} and not below ${answering.path}` : `below ${path}`;
    return [
      yaml.problem(
        ['services', name, 'healthPath'],
        `at a tenant's host ${who} would answer the health path ${healthPath}: give "${name}" a "healthPath" ${where}, or "path: null" if it is not reached from outside`,
      ),
    ];
  });
}

function servicesWithPath({ services }: PlatformFile) {
  return Object.entries(services).flatMap(([name, service]) => {
    const { path, ...paths } = servicePaths(name, service);
    return path === undefined ? [] : [{ name, path, ...paths }];
  });
}

function ringsExist({ value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const known = value.rings.map(ringNameOf);
  return tenants.flatMap(({ yaml, value: { ring } }) =>
    ring === undefined || known.includes(ring)
      ? []
      : [yaml.problem(['ring'], `there is no ring "${ring}" in the platform file${suggestion(ring, known)}`)],
  );
}

/**
 * A later ring takes an image that a tenant of an earlier one runs. Where none of those runs anything, the later ring would wait for ever
 * or take what nobody tried; a person must say which.
 */
function ringsAreProved({ yaml, value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const rings = value.rings.map(ringOf);
  const running = tenants.filter((tenant) => runsAnything(value, tenant));
  const of = (name: string) => running.filter((tenant) => (tenant.value.ring ?? rings.at(-1)?.name) === name);
  return rings.flatMap(({ name, unproven }, index) => {
    const earlier = rings.slice(0, index);
    const isHeld = ({ value: { unproven: own } }: TenantSource) => (own ? policyOf(own) : unproven) === 'Hold';
    if (index === 0 || !of(name).some(isHeld) || earlier.some((ring) => of(ring.name).length > 0)) return [];
    const before = earlier.map((ring) => `"${ring.name}"`).join(' or ');
    return [
      yaml.problem(
        ['rings', index],
        `no tenant of ${before} runs anything, so nothing would prove an image before the tenants of "${name}" take it: write "ring: ${earlier[0]?.name}" in the file of one, or { name: ${name}, unproven: allow } here`,
      ),
    ];
  });
}

/** Whether a tenant runs a pod at all. */
function runsAnything({ services, plans }: PlatformFile, { value }: TenantSource): boolean {
  const all = Object.entries(services).map(([name, service]) => merged(service, ...settingsOver(name, plans, value)));
  return (
    !value.decommission && !value.suspend && all.some((one) => one.schedule !== undefined || podsOf(one).replicas > 0)
  );
}

function plansExist({ value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const known = Object.keys(value.plans ?? {});
  return tenants.flatMap(({ yaml, value: { plan } }) =>
    plan === undefined || known.includes(plan)
      ? []
      : [yaml.problem(['plan'], `there is no plan "${plan}" in the platform file${suggestion(plan, known)}`)],
  );
}

function databaseServersExist({ value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const known = value.database?.servers ?? [];
  return tenants.flatMap(({ yaml, value: { database } }) => {
    const { server } = database;
    if (server === undefined || known.includes(server)) return [];
    const message = `there is no server "${server}" in "database.servers" of the platform file${suggestion(server, known)}`;
    return [yaml.problem(['database', 'server'], message)];
  });
}

function servicesExist({ yaml, value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const known = Object.keys(value.services);
  const places = [
    ...Object.entries(value.plans ?? {}).map(([name, { services }]) => ({
      yaml,
      path: ['plans', name, 'services'],
      services,
    })),
    ...tenants.map((tenant) => ({ yaml: tenant.yaml, path: ['services'], services: tenant.value.services })),
  ];
  return places.flatMap(({ yaml, path, services }) =>
    Object.keys(services)
      .filter((name) => !known.includes(name))
      .map((name) =>
        yaml.keyProblem(path, name, `there is no service "${name}" in the platform file${suggestion(name, known)}`),
      ),
  );
}

/** Taken together, they must be few; and a null that removes nothing is mistyped. */
function secretsFitThePlatforms({ value }: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  return tenants.flatMap(({ yaml, value: { services } }) =>
    Object.entries(services).flatMap(([name, { secrets = {} }]) => {
      const platforms = value.services[name]?.secrets ?? {};
      const known = Object.keys(platforms);
      const at = ['services', name, 'secrets'];
      const inVain = Object.keys(secrets).filter((one) => secrets[one] === null && !known.includes(one));
      return [
        ...inVain.map((one) =>
          yaml.keyProblem(
            at,
            one,
            `"${one}" is none of the platform's secrets of "${name}" that could be removed${suggestion(one, known)}`,
          ),
        ),
        ...(secretsOf({ ...platforms, ...secrets }, name).length > MOST_SECRETS
          ? [yaml.problem(at, `with those of the platform, "${name}" has more than ${MOST_SECRETS} secrets`)]
          : []),
      ];
    }),
  );
}

/** A decommissioned tenant answers nowhere any more, so that another may have its host: that is how a tenant is renamed. */
function hostsDiffer(tenants: readonly TenantSource[]): Problem[] {
  const answering = tenants.filter(({ value }) => !value.decommission);
  const hosts = answering.flatMap(({ name, yaml, value: { host, hosts = [] } }) => [
    { key: host, name, problem: (message: string) => yaml.problem(['host'], message) },
    ...hosts.map((key, index) => ({
      key,
      name,
      problem: (message: string) => yaml.problem(['hosts', String(index)], message),
    })),
  ]);
  return repeated(hosts).map(({ key, name, first, problem }) =>
    problem(
      first.name === name
        ? `${key} is the tenant's "host" already: leave it out here`
        : `the host ${key} belongs to tenant "${first.name}" already`,
    ),
  );
}

function databasesDiffer(tenants: readonly TenantSource[]): Problem[] {
  const databases = tenants.map(({ name, yaml, value }) => ({
    key: value.database.name ?? defaultDatabase(name),
    name,
    problem: (message: string) => yaml.problem(['database', 'name'], message),
  }));
  return repeated(databases).map(({ key, first, problem }) =>
    problem(`the database "${key}" belongs to tenant "${first.name}" already`),
  );
}

function releasesHaveTagsOfTheirOwn(platform: PlatformSource, tenants: readonly TenantSource[]): Problem[] {
  const releaseOf = new Map<string, string>();
  return releasesIn(platform, tenants).flatMap(({ release, problem }) => {
    const tag = releaseTag(release);
    const other = releaseOf.get(tag) ?? release;
    releaseOf.set(tag, other);
    return other === release
      ? []
      : [problem(`the releases "${release}" and "${other}" share the image tag "${tag}": rename one of the branches`)];
  });
}

function releasesIn({ yaml, value }: PlatformSource, tenants: readonly TenantSource[]) {
  const places = [
    { yaml, path: ['release'], release: value.release },
    { yaml, path: ['operator', 'release'], release: value.operator.release },
    ...tenants.flatMap((tenant) => [
      { yaml: tenant.yaml, path: ['release'], release: tenant.value.release },
      ...Object.entries(tenant.value.services).map(([name, service]) => ({
        yaml: tenant.yaml,
        path: ['services', name, 'release'],
        release: service.release,
      })),
    ]),
  ];
  return places.flatMap(({ yaml, path, release }) =>
    release === undefined ? [] : [{ release, problem: (message: string) => yaml.problem(path, message) }],
  );
}

/** Every entry whose key an earlier entry has, with that earlier one as `first`. */
function repeated<Entry extends { readonly key: string }>(entries: readonly Entry[]): (Entry & { first: Entry })[] {
  const seen = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    const first = seen.get(entry.key);
    if (!first) seen.set(entry.key, entry);
    return first ? [{ ...entry, first }] : [];
  });
}
