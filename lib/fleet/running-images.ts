import type { Cluster } from '../config/platform';
import { releaseTag } from '../config/release';
import type { RunningImage } from '../images/live';
import { parseReference } from '../images/pinned-image';
import { OPERATOR } from '../images/request';
import { type LiveTenant, listTenants } from './live-tenant';
import { readCluster } from './read-cluster';

/** What every tenant and the operator run now, as the cluster was told: what a plan with IMAGES=live starts from. */
export async function runningImages(cluster: Cluster): Promise<RunningImage[]> {
  const [tenants, operator] = await Promise.all([listTenants(cluster), runningOperator(cluster)]);
  const images = runningIn(tenants);
  return operator ? [...images, operator] : images;
}

/** What these Tenants were told to run. */
export function runningIn(tenants: readonly LiveTenant[]): RunningImage[] {
  return tenants.flatMap(({ metadata, spec }) =>
    spec.services.map(({ name, release, image, commit }) => ({
      service: name,
      tag: releaseTag(release),
      tenant: metadata.name,
      ...parseReference(image),
      commit,
    })),
  );
}

/** Labels and container as `lib/stacks/operator.ts` writes them; nothing where no operator is installed. */
async function runningOperator(cluster: Cluster): Promise<RunningImage | undefined> {
  const found = await readCluster(cluster, 'the operator', ({ apps }) =>
    apps.readNamespacedDeployment({ name: 'tenantry-operator', namespace: 'tenantry-system' }),
  );
  const template = found?.spec?.template;
  if (!template) return undefined;
  const labels = template.metadata?.labels;
  return {
    service: OPERATOR,
    tag: labels?.['tenantry.dev/release'] ?? '',
    ...parseReference(template.spec?.containers[0]?.image ?? ''),
    commit: labels?.['git.sha'] ?? '',
  };
}
