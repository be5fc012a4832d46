import { App } from 'cdktf';
import type { Platform } from '../config/platform';
import type { Tenant } from '../config/tenant';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import type { LiveCluster } from '../fleet/live-cluster';
import type { ImageSet } from '../images/image-set';
import { isChosenAlone } from './chosen-alone';
import { importId } from './import-id';
import { literal } from './literal';
import { OperatorStack } from './operator';
import { pinnedOperator } from './pinned-operator';
import { RegistryStack } from './registry';
import { tenantManifest } from './tenant-manifest';
import { TenantsStack } from './tenants';

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

/**
 * The whole tree, from data alone: everything that must be read or asked was, before. Whatever Terraform gets from outside comes in here.
 *
 * @param deployment - absent on the day when the registry itself is made, and no image can exist: then there is only the registry stack.
 */
export function buildApp(outdir: string, platform: Platform, deployment?: Deployment): App {
  const app = new App({ outdir });
  new RegistryStack(app, 'registry', literal({ platform }));
  if (!deployment) return app;

  const { tenants, images, operatorManifests, live, chosenImages = false } = deployment;
  const manifests = pinnedOperator(operatorManifests, platform, images);
  const operator = new OperatorStack(
    app,
    'operator',
    literal({ platform, manifests, live: live.objects.map(importId) }),
  );
  const names = new Set(tenants.map(({ name }) => name));
  const leaving = live.tenants.filter(({ metadata }) => metadata.deletionTimestamp && !names.has(metadata.name));
  new TenantsStack(
    app,
    'tenants',
    literal({
      platform,
      manifests: tenants.map((tenant) =>
        tenantManifest(tenant, images, {
          chosenImages,
          chosenAlone: chosenImages && isChosenAlone(tenant, tenants, images),
        }),
      ),
      live: live.tenants.map(({ metadata }) => metadata.name),
      leaving: leaving.map(({ metadata }) => metadata.name),
    }),
  ).addDependency(operator);
  return app;
}
