import type { Cluster } from '../config/platform';
import { releaseTag } from '../config/release';
import type { RunningImage } from '../images/live';
import { parseReference } from '../images/pinned-image';
import { OPERATOR } from '../images/request';
import type { KubernetesObject } from './kubernetes-object';
import { type LiveCluster, readLiveCluster } from './live-cluster';
import type { LiveTenant } from './live-tenant';
import { readiness } from './readiness';

/** The operator's, as far as it takes to find it. */
export const OPERATOR_DEPLOYMENT: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'tenantry-operator', namespace: 'tenantry-system' },
};

/** The reasons of the condition Ready of a tenant whose database is not yet what its new images need, as the operator gives them. */
const MIGRATING: readonly string[] = ['Migrating', 'MigrationFailed'];

/**
 * What every tenant and the operator run now. Who waits for a ring, its turn or a migration, or was told a moment ago, runs what it ran
 * before.
 */
export async function runningImages(cluster: Cluster): Promise<RunningImage[]> {
  const live = await readLiveCluster(cluster, [OPERATOR_DEPLOYMENT]);
  return runningImagesOf({ ...live, tenants: live.tenants.map(asItRuns) });
}

/** A Tenant as if it were asked for what it runs. */
export function asItRuns(tenant: LiveTenant): LiveTenant {
  const { spec, status } = tenant;
  const { held, ready, reason } = readiness(tenant);
  if (!held && ready !== 'Unknown' && !MIGRATING.includes(reason)) return tenant;
  const services = spec.services.map((service) => {
    const { image, commit, release } = status?.services?.find(({ name }) => name === service.name) ?? {};
    return image && commit && release ? { ...service, image, commit, release } : service;
  });
  return { ...tenant, spec: { ...spec, services } };
}

/** What every tenant and the operator were told to run: what a plan with IMAGES=live starts from. */
export function runningImagesOf({ tenants, objects }: LiveCluster): RunningImage[] {
  const images = tenants.flatMap(({ metadata, spec }) =>
    spec.services.map(({ name, release, image, commit }) => ({
      service: name,
      tag: releaseTag(release),
      tenant: metadata.name,
      ...parseReference(image),
      commit,
    })),
  );
  const operator = operatorIn(objects);
  return operator ? [...images, operatorImage(operator)] : images;
}

/** The operator's Deployment among some objects. */
export function operatorIn(objects: readonly KubernetesObject[]): KubernetesObject | undefined {
  const { kind, metadata } = OPERATOR_DEPLOYMENT;
  return objects.find((object) => object.kind === kind && object.metadata.name === metadata.name);
}

interface Deployment {
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
    };
  };
}

/** Labels and container as `lib/stacks/operator.ts` writes them. */
export function operatorImage(operator: object): RunningImage {
  const { template } = (operator as Deployment).spec ?? {};
  const labels = template?.metadata?.labels;
  return {
    service: OPERATOR,
    tag: labels?.['tenantry.dev/release'] ?? '',
    ...parseReference(template?.spec?.containers?.[0]?.image ?? ''),
    commit: labels?.['git.sha'] ?? '',
  };
}
