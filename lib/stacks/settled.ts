import { isDeepStrictEqual } from 'node:util';
import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import type { App } from 'cdktf';
import { isAsAsked } from '../fleet/as-asked';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import type { LiveCluster } from '../fleet/live-cluster';
import type { LiveTenant } from '../fleet/live-tenant';
import type { DeployedManifests } from './deployed-manifests';
import { importId } from './import-id';
import type { TenantManifest } from './tenant-manifest';

/** By stack, and by the name that Terraform has for each: the objects of the stacks of which the cluster lacks nothing. */
export type Settled = Readonly<Partial<Record<'operator' | 'tenants', Manifests>>>;

export type Manifests = Readonly<Record<string, unknown>>;

/** Without the stacks that would change anything of what the cluster has. The cluster is the judge, field by field. */
export function settled(app: App, { operator, tenants }: DeployedManifests, live: LiveCluster): Settled {
  const objects = new Map(live.objects.map((object) => [importId(object), object]));
  const liveTenants = new Map(live.tenants.map((tenant) => [tenant.metadata.name, tenant]));
  const isOperator = operator.every((object) => isAsAsked(plain(object), objects.get(importId(object))));
  const areTenants =
    liveTenants.size === tenants.length &&
    tenants.every((tenant) => isSame(tenant, liveTenants.get(tenant.metadata.name)));
  return {
    ...(isOperator && { operator: named(app, 'operator', operator) }),
    ...(areTenants && { tenants: named(app, 'tenants', tenants) }),
  };
}

/** Of a Tenant the files say everything: what somebody else added to it counts too. */
function isSame(manifest: TenantManifest, live: LiveTenant | undefined): boolean {
  return live !== undefined && !live.metadata.deletionTimestamp && isDeepStrictEqual(live.spec, plain(manifest.spec));
}

/** By the names of the constructs, which cdktf may write in another way than they were given. */
function named(app: App, stack: string, manifests: readonly (KubernetesObject | TenantManifest)[]): Manifests {
  const constructs = app.node.findChild(stack).node.findAll();
  const resources = constructs.filter((one): one is Manifest => one instanceof Manifest);
  const wanted = new Map(manifests.map((manifest) => [importId(manifest), manifest]));
  return Object.fromEntries(
    resources.map((one) => [one.friendlyUniqueId, wanted.get(importId(one.manifestInput as KubernetesObject))]),
  );
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
