import type { Cluster } from '../config/platform';
import { releaseTag } from '../config/release';
import type { RunningImage } from '../images/live';
import { OPERATOR } from '../images/request';
import { clusterClient } from './cluster-client';
import { ClusterUnreadable } from './cluster-unreadable';
import { listTenants } from './live-tenant';

/** What every tenant and the operator run now, as the cluster was told: what a plan with IMAGES=live starts from. */
export async function runningImages(cluster: Cluster): Promise<RunningImage[]> {
  const [tenants, operator] = await Promise.all([listTenants(cluster), runningOperator(cluster)]);
  const images = tenants.flatMap(({ metadata, spec }) =>
    spec.services.map(({ name, release, image, commit }) => ({
      service: name,
      tag: releaseTag(release),
      tenant: metadata.name,
      digest: digestIn(image),
      commit,
    })),
  );
  return operator ? [...images, operator] : images;
}

/** Labels and container as `lib/stacks/operator.ts` writes them; nothing where no operator is installed. */
async function runningOperator(cluster: Cluster): Promise<RunningImage | undefined> {
  const name = 'tenantry-operator';
  try {
    const { apps } = await clusterClient(cluster);
    const { spec } = await apps.readNamespacedDeployment({ name, namespace: 'tenantry-system' });
    const labels = spec?.template.metadata?.labels;
    return {
      service: OPERATOR,
      tag: labels?.['tenantry.dev/release'] ?? '',
      digest: digestIn(spec?.template.spec?.containers[0]?.image ?? ''),
      commit: labels?.['git.sha'] ?? '',
    };
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return undefined;
    throw new ClusterUnreadable(cluster, 'the operator', error);
  }
}

function digestIn(image: string): string {
  return image.slice(image.indexOf('@') + 1);
}
