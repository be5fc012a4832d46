import { type PinnedImage, parseReference } from '../images/pinned-image';
import type { Condition, LastRun, ObservedService } from '../tenant/status';
import type { LiveTenant } from './live-tenant';
import { readiness } from './readiness';
import { writerOf } from './writer';

/** A build of a service. */
export interface Build {
  /** Full git SHA. */
  readonly commit: string;
  /** `sha256:...` */
  readonly digest: string;
  readonly release: string;
}

/** What ECR has now for a release. */
export interface NewestBuild extends Omit<Build, 'commit'> {
  /** Reproducible builds can give one digest several. */
  readonly commits: readonly string[];
  /** ISO 8601, UTC. */
  readonly pushedAt?: string;
}

/** One service of one tenant. Commit, digest and release are what the cluster was told to run. */
export interface FleetRow extends Build {
  readonly tenant: string;
  readonly ring: string;
  readonly service: string;
  /**
   * ISO 8601, UTC: since when all its pods run this image, as the operator says; before that, when the one who asked for it last changed the
   * Tenant, so that it has been asked for at least since then. Absent where nobody has a record.
   */
  readonly since?: string;
  /** What every pod runs, or ran before a rollout that still goes on. Absent where the operator has not said. */
  readonly running?: Build;
  /**
   * Whether every pod is ready on the image that is asked for. A tenant can be not ready while all its services are, for a reason of its own.
   */
  readonly ready: Condition['status'];
  /** Pods that are ready on the image that is asked for. Absent where the operator has not said. */
  readonly readyPods?: number;
  /** Pods that are asked for; none of a tenant that is decommissioned or suspended. */
  readonly pods: number;
  /** When it runs, if it is a job; absent for one that always runs. */
  readonly schedule?: string;
  /** Absent before the first. */
  readonly lastRun?: LastRun;
  /** For the release that the tenant's file names. Absent where that is not known. */
  readonly newest?: NewestBuild;
}

/** A row for each service of a tenant, as far as the Tenant alone tells. */
export function fleetRows(live: LiveTenant): FleetRow[] {
  const { metadata, spec, status } = live;
  const isAllReady = readiness(live).ready === 'True';
  return spec.services.map(
    ({ name: service, release, commit, image, replicas, maxReplicas = 0, schedule }): FleetRow => {
      const observed = status?.services?.find(({ name }) => name === service);
      const reached = observed?.image === image ? observed.since : undefined;
      const since = reached ?? writerOf(live, ['services', service, 'image'])?.at;
      const running = runningBuild(observed);
      // What was counted for an earlier generation may have been counted on an earlier image.
      const counted = status?.observedGeneration === metadata.generation ? observed : undefined;
      const readyPods = counted?.readyReplicas;
      const { digest } = parseReference(image);
      // Of one that goes by itself, what its autoscaler asks for now.
      const asked = maxReplicas > 0 ? (counted?.replicas ?? replicas) : replicas;
      const pods = spec.decommission || spec.suspend ? 0 : asked;
      const isReady = isAllReady || (running?.digest === digest && readyPods !== undefined && readyPods >= pods);
      return {
        tenant: metadata.name,
        ring: spec.ring,
        service,
        release,
        commit,
        digest,
        ...(since !== undefined && { since }),
        ...(running && { running }),
        ready: isReady ? 'True' : readyPods === undefined ? 'Unknown' : 'False',
        ...(readyPods !== undefined && { readyPods }),
        pods,
        ...(schedule && { schedule }),
        ...(observed?.lastRun && { lastRun: observed.lastRun }),
      };
    },
  );
}

/** The row with what ECR has for it. */
export function compared(row: FleetRow, newest: PinnedImage | undefined): FleetRow {
  if (!newest) return row;
  const { digest, release, pushedAt, commits } = newest;
  return { ...row, newest: { commits, digest, release, ...(pushedAt !== undefined && { pushedAt }) } };
}

/** Whether ECR has another image now. Undefined where that is not known. */
export function isBehind({ digest, newest }: FleetRow): boolean | undefined {
  return newest && newest.digest !== digest;
}

/** Whether pods may still run another image than the one that is asked for. */
export function isRollingOut({ digest, running }: FleetRow): boolean {
  return running !== undefined && running.digest !== digest;
}

/** Every commit that runs there or is on its way there. */
export function commitsOf({ commit, digest, running, newest }: FleetRow): string[] {
  const alike = newest?.digest === digest ? newest.commits : [];
  return [...new Set([commit, ...(running ? [running.commit] : []), ...alike])];
}

function runningBuild(observed: ObservedService | undefined): Build | undefined {
  const { image, commit = '', release = '' } = observed ?? {};
  return image === undefined ? undefined : { commit, digest: parseReference(image).digest, release };
}
