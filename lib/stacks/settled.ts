import { isDeepStrictEqual } from 'node:util';
import { isAsApplied } from '../fleet/as-applied';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import type { LiveCluster } from '../fleet/live-cluster';
import type { LiveTenant } from '../fleet/live-tenant';
import type { DeployedManifests } from './deployed-manifests';
import { importId } from './import-id';
import type { TenantManifest } from './tenant-manifest';

/** By stack, the names of what Terraform has in its state when nothing of a deployment is left to do. */
export interface Settled {
  readonly operator: readonly string[];
  readonly tenants: readonly string[];
}

/**
 * What the states must say for a deployment to have nothing to do; undefined where the cluster has anything that it would change. The cluster is the
 * judge, field by field; Terraform would read the same objects, find the same, and change nothing.
 */
export function settled({ operator, tenants }: DeployedManifests, live: LiveCluster): Settled | undefined {
  const objects = new Map(live.objects.map((object) => [importId(object), object]));
  const liveTenants = new Map(live.tenants.map((tenant) => [tenant.metadata.name, tenant]));
  const isSettled =
    liveTenants.size === tenants.length &&
    operator.every((object) => isAsApplied(object, objects.get(importId(object)) ?? {})) &&
    tenants.every((tenant) => isSame(tenant, liveTenants.get(tenant.metadata.name)));
  if (!isSettled) return undefined;
  return {
    operator: operator.map(operatorResource),
    tenants: tenants.map(({ metadata }) => tenantResource(metadata.name)),
  };
}

/** Of a Tenant the files say everything: what somebody else added to it counts too. */
function isSame(manifest: TenantManifest, live: LiveTenant | undefined): boolean {
  if (!live || live.metadata.deletionTimestamp) return false;
  return (
    isAsApplied(manifest as unknown as KubernetesObject, live) && isDeepStrictEqual(live.spec, plain(manifest.spec))
  );
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** As Terraform calls an object of the operator. */
export function operatorResource({ kind, metadata }: KubernetesObject): string {
  return `${kind}-${metadata.name}`;
}

/** As Terraform calls a Tenant. */
export function tenantResource(name: string): string {
  return `tenant-${name}`;
}
