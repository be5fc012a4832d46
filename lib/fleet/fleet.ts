import { imageService, imageServiceOf } from '../config/image-service';
import type { Configuration } from '../config/load';
import type { Platform } from '../config/platform';
import type { Tenant } from '../config/tenant';
import type { ImageProblem } from '../images/image-problem';
import { ImageSet } from '../images/image-set';
import { keepLiveCommits } from '../images/live-commits';
import { LockRefused } from '../images/lock';
import { shownPath } from '../text/shown-path';
import { type Drift, driftOf, imageDrift } from './drift';
import type { ExpectedImages } from './expected-images';
import { compared, type FleetRow, fleetRows } from './fleet-row';
import type { LiveTenant } from './live-tenant';
import { type Readiness, readiness } from './readiness';
import { runningImagesOf } from './running-images';
import { Proofs } from './unproven';

/** What runs where, and how that differs from what the files and ECR say. Plain data: what every view of it is drawn from. */
export interface Fleet {
  readonly platform: string;
  /** ISO 8601, UTC: when the cluster was asked. */
  readonly at: string;
  /** In the order in which they are deployed. */
  readonly rings: readonly string[];
  /** Sorted by name. */
  readonly services: readonly string[];
  /** Path of the lock that freezes the platform. */
  readonly frozen?: string;
  /** Sorted by name. */
  readonly tenants: readonly FleetTenant[];
  /** Those that have a file, and are not in the cluster. */
  readonly missing: readonly { readonly tenant: string; readonly ring: string }[];
  /** What could not be compared with, and why. */
  readonly notCompared: readonly NotCompared[];
}

export interface FleetTenant {
  readonly tenant: string;
  readonly host: string;
  readonly ring: string;
  readonly release: string;
  readonly readiness: Readiness;
  readonly suspended: boolean;
  readonly decommissioned: boolean;
  readonly hasFile: boolean;
  /** Absent unless it is being deleted. */
  readonly deletion?: Deletion;
  /** Services whose images it takes though nobody in an earlier ring tries them: where a person said so, for its release runs in none. */
  readonly unproven: readonly string[];
  /** Where it is not what its file and its images give. */
  readonly drift: readonly Drift[];
  /** Sorted by service. */
  readonly rows: readonly FleetRow[];
}

export interface Deletion {
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Who keeps it until they have done what they do. */
  readonly finalizers: readonly string[];
}

export interface NotCompared {
  /** An image, or the lock. */
  readonly what: string;
  /** Absent where it is about all of them. */
  readonly service?: string;
  readonly message: string;
}

/** Joins what is live with the files and the images. Asks nobody anything. */
export function joinFleet(
  { platform, tenants }: Configuration,
  live: readonly LiveTenant[],
  { newest, locked }: ExpectedImages,
  at: Date,
): Fleet {
  const files = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const present = new Set(live.map(({ metadata }) => metadata.name));
  const lock = locked instanceof LockRefused ? undefined : locked;
  const inEcr = keepLiveCommits(
    new ImageSet(platform.registry, newest.images),
    runningImagesOf({ tenants: live, objects: [] }),
  );
  const inLock = lock && new ImageSet(platform.registry, lock.images);
  const proofs = new Proofs(live);

  const fleetTenant = (one: LiveTenant): FleetTenant => {
    const { host, ring, release, suspend: suspended = false, decommission: decommissioned } = one.spec;
    const tenant = one.metadata.name;
    const file = files.get(tenant);
    const rows = fleetRows(one).map((row) => compared(row, newestOf(row, file, inEcr, platform)));
    const drift = file ? [...driftOf(file, one), ...imageDrifts(file, one, inEcr, inLock)] : [];
    return {
      tenant,
      host,
      ring,
      release,
      readiness: readiness(one),
      suspended,
      decommissioned,
      hasFile: file !== undefined,
      ...(one.metadata.deletionTimestamp !== undefined && {
        deletion: { since: one.metadata.deletionTimestamp, finalizers: one.metadata.finalizers ?? [] },
      }),
      unproven: one.spec.rollout?.unproven === 'Allow' ? proofs.lacking(one) : [],
      drift,
      rows: rows.sort((a, b) => (a.service < b.service ? -1 : 1)),
    };
  };
  const services = [...platform.services, ...live.flatMap(({ spec }) => spec.services)].map(({ name }) => name);
  return {
    platform: platform.name,
    at: at.toISOString(),
    rings: [...new Set([...platform.rings.map(({ name }) => name), ...live.map(({ spec }) => spec.ring).sort()])],
    services: [...new Set(services)].sort(),
    ...(platform.frozen !== undefined && { frozen: shownPath(platform.frozen) }),
    tenants: live.map(fleetTenant),
    missing: tenants.filter(({ name }) => !present.has(name)).map(({ name, ring }) => ({ tenant: name, ring })),
    notCompared: [
      ...(locked instanceof LockRefused ? [{ what: 'the lock', message: locked.message }] : []),
      ...newest.problems.map(notCompared),
      ...(lock?.problems ?? []).map(notCompared),
    ],
  };
}

/** A tenant without a file is compared with what its release came to for others. */
function newestOf(row: FleetRow, file: Tenant | undefined, images: ImageSet, { services }: Platform) {
  const service = imageServiceOf(row.service, file?.services ?? services);
  if (file) return images.tryFindImage(row.tenant, service);
  return images.images.find((image) => image.service === service && image.release === row.release);
}

/**
 * Images that somebody set by hand. While the platform is frozen also those that a run would put back to the lock's; else a deploy's
 * image that is no longer the newest is only behind, as after each push.
 */
function imageDrifts(file: Tenant, live: LiveTenant, inEcr: ImageSet, inLock: ImageSet | undefined): Drift[] {
  const expected = inLock ?? inEcr;
  return file.services
    .map((service) => {
      const image = expected.tryFindImage(file.name, imageService(service));
      return image && imageDrift(live, service.name, expected.reference(image));
    })
    .filter((drift) => drift !== undefined)
    .filter(({ byHand }) => byHand || inLock !== undefined);
}

function notCompared({ request: { service, release }, message }: ImageProblem): NotCompared {
  return { what: `${service} ${release}`, service, message };
}
