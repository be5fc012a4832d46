import { imageServiceOf } from '../config/image-service';
import type { Tenant } from '../config/tenant';
import { type SettingsOptions, tenantSettings } from '../config/tenant-settings';
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

/** The custom resource of a tenant. Metadata has the name alone, since the operator writes annotations and finalizers there. */
export function tenantManifest(tenant: Tenant, images: ImageSet, options: SettingsOptions = {}): TenantManifest {
  const { name } = tenant;
  const { services, ...own } = tenantSettings(tenant, options);
  return {
    apiVersion: 'tenantry.dev/v1',
    kind: 'Tenant',
    metadata: { name },
    spec: {
      ...own,
      services: services.map((service) => {
        const image = images.findImage(name, imageServiceOf(service.name, tenant.services));
        return { ...service, image: images.reference(image), commit: commitOf(image) };
      }),
    },
  };
}
