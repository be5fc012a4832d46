import type { Cluster } from '../config/platform';
import { releaseTag } from '../config/release';
import type { RunningImage } from '../images/live';
import { parseReference } from '../images/pinned-image';
import { OPERATOR } from '../images/request';
import type { KubernetesObject } from './kubernetes-object';
import { type LiveCluster, readLiveCluster } from './live-cluster';

const DEPLOYMENT: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'tenantry-operator', namespace: 'tenantry-system' },
};

/** What every tenant and the operator run now, as the cluster was told: what a plan with IMAGES=live starts from. */
export async function runningImages(cluster: Cluster): Promise<RunningImage[]> {
  return runningImagesOf(await readLiveCluster(cluster, [DEPLOYMENT]));
}

/** The same, of what was read already. */
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
  const { kind, metadata } = DEPLOYMENT;
  const operator = objects.find((object) => object.kind === kind && object.metadata.name === metadata.name);
  return operator ? [...images, operatorImage(operator)] : images;
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
function operatorImage(operator: object): RunningImage {
  const { template } = (operator as Deployment).spec ?? {};
  const labels = template?.metadata?.labels;
  return {
    service: OPERATOR,
    tag: labels?.['tenantry.dev/release'] ?? '',
    ...parseReference(template?.spec?.containers?.[0]?.image ?? ''),
    commit: labels?.['git.sha'] ?? '',
  };
}
