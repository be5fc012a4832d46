import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { commitOf } from '../images/pinned-image';
import type { TenantSpec } from '../tenant/spec';

/** A Tenant as it is applied. */
export interface TenantManifest {
  readonly apiVersion: 'tenantry.dev/v1';
  readonly kind: 'Tenant';
  readonly metadata: { readonly name: string };
  readonly spec: TenantSpec;
}

export interface ManifestOptions {
  /** Whether a person chose the images, by naming a lock: then there is nothing to wait and see for. */
  readonly chosenImages?: boolean;
}

/**
 * The custom resource of a tenant. Metadata has the name alone, since the operator writes annotations and finalizers there. The spec says
 * of every field what it is, "" for what a service has not: Terraform never looks at a field that its manifest does not have, so a hand
 * could set it unseen; and a null is a perpetual difference to the Kubernetes provider.
 */
export function tenantManifest(
  tenant: Tenant,
  images: ImageSet,
  { chosenImages = false }: ManifestOptions = {},
): TenantManifest {
  const { name, services, rollout, ...own } = tenant;
  const after = rollout.after.map((earlier) => (chosenImages ? { ...earlier, bakeSeconds: 0 } : earlier));
  return {
    apiVersion: 'tenantry.dev/v1',
    kind: 'Tenant',
    metadata: { name },
    spec: {
      ...own,
      rollout: { ...rollout, after },
      services: services.map(({ repository: _, ...service }) => {
        const image = images.findImage(name, service.name);
        return { path: '', healthPath: '', ...service, image: images.reference(image), commit: commitOf(image) };
      }),
    },
  };
}
