import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { commitOf } from '../images/pinned-image';

/** A Tenant as it is applied. Shape and meaning of the spec: `operator/deploy/crd.yaml`. */
export interface TenantManifest {
  readonly apiVersion: 'tenantry.dev/v1';
  readonly kind: 'Tenant';
  readonly metadata: { readonly name: string };
  readonly spec: TenantSpec;
}

export interface TenantSpec {
  readonly host: string;
  readonly ring: string;
  readonly release: string;
  readonly decommission: boolean;
  readonly database: { readonly name: string; readonly deletionPolicy: 'Retain' | 'Delete' };
  readonly services: readonly TenantServiceSpec[];
}

export interface TenantServiceSpec {
  readonly name: string;
  /** `<registry>/<repository>@sha256:...` */
  readonly image: string;
  /** Full git SHA of the image. */
  readonly commit: string;
  readonly release: string;
  readonly port: number;
  readonly path?: string;
  readonly healthPath?: string;
  readonly replicas: number;
}

/**
 * The custom resource of a tenant. Metadata has the name alone, since the operator writes annotations and finalizers there; what has no
 * value is left out, since a null is a perpetual difference to the Kubernetes provider.
 */
export function tenantManifest(tenant: Tenant, images: ImageSet): TenantManifest {
  const { name, host, ring, release, decommission, database } = tenant;
  const services = tenant.services.map(({ repository: _, ...service }) => {
    const image = images.findImage(name, service.name);
    return { ...service, image: images.reference(image), commit: commitOf(image) };
  });
  return {
    apiVersion: 'tenantry.dev/v1',
    kind: 'Tenant',
    metadata: { name },
    spec: { host, ring, release, decommission, database, services },
  };
}
