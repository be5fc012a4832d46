import type { TenantManifest } from '../../lib/stacks/tenant-manifest';
import type { TenantServiceSpec, TenantSpec } from '../../lib/tenant/spec';

/** A digest that stands for the `n`-th image ever built. Nothing here pulls it. */
export function image(repository: string, n: number): string {
  return `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${repository}@sha256:${n.toString(16).padStart(64, '0')}`;
}

export function commit(n: number): string {
  return n.toString(16).padStart(40, '0');
}

export function service(name: string, n = 1, changes: Partial<TenantServiceSpec> = {}): TenantServiceSpec {
  return {
    name,
    image: image(name, n),
    commit: commit(n),
    release: 'releases/0.0.2',
    port: 8080,
    path: `/${name}`,
    healthPath: `/${name}/v1/health`,
    replicas: 1,
    ...changes,
  };
}

/** A Tenant as Terraform would apply it. */
export function tenantObject(name: string, changes: Partial<TenantSpec> = {}): TenantManifest {
  return {
    apiVersion: 'tenantry.dev/v1',
    kind: 'Tenant',
    metadata: { name },
    spec: {
      host: `${name}.example.com`,
      ring: 'general',
      release: 'releases/0.0.2',
      decommission: false,
      database: { name: `tenant_${name.replaceAll('-', '_')}`, deletionPolicy: 'Retain' },
      services: [service('api'), service('web')],
      ...changes,
    },
  };
}
