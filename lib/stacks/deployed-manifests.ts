import type { Platform } from '../config/platform';
import type { Tenant } from '../config/tenant';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import type { LiveCluster } from '../fleet/live-cluster';
import type { ImageSet } from '../images/image-set';
import { isChosenAlone } from './chosen-alone';
import { pinnedOperator } from './pinned-operator';
import { type TenantManifest, tenantManifest } from './tenant-manifest';

/** What is deployed to a cluster. */
export interface Deployment {
  readonly tenants: readonly Tenant[];
  readonly images: ImageSet;
  /** The objects of `operator/deploy`. */
  readonly operatorManifests: readonly KubernetesObject[];
  readonly live: LiveCluster;
  /** Whether a person chose the images, by naming a lock. */
  readonly chosenImages?: boolean;
}

/** The objects of a deployment, as they are applied. */
export interface DeployedManifests {
  readonly operator: readonly KubernetesObject[];
  readonly tenants: readonly TenantManifest[];
}

export function deployedManifests(
  platform: Platform,
  { tenants, images, operatorManifests, chosenImages = false }: Deployment,
): DeployedManifests {
  return {
    operator: pinnedOperator(operatorManifests, platform, images),
    tenants: tenants.map((tenant) =>
      tenantManifest(tenant, images, {
        chosenImages,
        chosenAlone: chosenImages && isChosenAlone(tenant, tenants, images),
      }),
    ),
  };
}
