import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { DataResource, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { Platform } from '../config/platform';
import { importId } from './import-id';
import { Lanes } from './lanes';
import { s3State } from './state-backend';
import type { TenantManifest } from './tenant-manifest';

export interface TenantsStackProps {
  readonly platform: Platform;
  readonly manifests: readonly TenantManifest[];
  /** Names of the tenants that the cluster has. */
  readonly live: readonly string[];
  /** Names of those without a manifest whose deletion the cluster has accepted already. */
  readonly leaving: readonly string[];
}

/**
 * One Tenant for each tenant, those of an earlier ring first: when the operator sees what a tenant is asked to run, it has seen what the
 * tenants of the rings before it are. That is all the order there is; who really takes new images, and when, the operator decides.
 *
 * How the order is made decides whether a run that was cut can be taken up. Terraform keeps in the state what each resource depended on,
 * and orders destructions by that: two that depended on each other, since rings changed places in between, end in "Error: Cycle". And
 * an orphan is destroyed before whatever it depended on is updated. So:
 * - Between two rings stands a marker for its place in the order. It has no name of a ring, no input and no provisioner: nothing replaces it,
 *   and a tenant that moves changes edges alone. (Edges from tenant to tenant would say the same, 150,000 of them for a thousand tenants.)
 * - A decommissioned tenant has no place in the order. It takes no images; and it must have been applied so before it can be deleted, which
 *   is when its edges leave the state. What is destroyed therefore depends on nothing, and nothing on it.
 * - `create_before_destroy`, which no Tenant ever needs (none is replaced), turns the edges to destructions round where a state is older: first
 *   all updates, then what goes. A deletion that hangs keeps nobody from anything.
 */
export class TenantsStack extends TerraformStack {
  private readonly lanes: Lanes;

  constructor(scope: Construct, id: string, { platform, manifests, live, leaving }: TenantsStackProps) {
    super(scope, id);
    s3State(this, platform);
    this.lanes = new Lanes(this, platform.cluster);

    new TerraformOutput(this, 'platform', {
      description: 'Which platform these are the tenants of: a plan says it too.',
      value: platform.name,
    });
    const adopted = new Set(live);
    const places = platform.rings
      .map((ring) => manifests.filter(({ spec }) => spec.ring === ring.name && !spec.decommission))
      .filter((ring) => ring.length > 0);
    let earlier: DataResource | undefined;
    for (const [place, ring] of places.entries()) {
      const applied = ring.map((manifest) => this.apply(manifest, adopted, earlier));
      if (place < places.length - 1) earlier = new DataResource(this, `place-${place}`, { dependsOn: applied });
    }
    for (const manifest of manifests.filter(({ spec }) => spec.decommission)) this.apply(manifest, adopted);

    // Kubernetes takes no deletion back. To wait for it once more in every run would only hold up the next.
    const removed = leaving.map((name) => ({
      from: `kubernetes_manifest.tenant-${name}`,
      lifecycle: { destroy: false },
    }));
    if (removed.length > 0) this.addOverride('removed', removed);
  }

  /** What somebody edited by hand is put back by force. Nothing is waited for: a wait that fails would taint the tenant, and destroy it. */
  private apply(manifest: TenantManifest, adopted: ReadonlySet<string>, earlier?: DataResource): Manifest {
    const { name } = manifest.metadata;
    const resource = new Manifest(this, `tenant-${name}`, {
      provider: this.lanes.of(name),
      manifest,
      fieldManager: { forceConflicts: true },
      timeouts: { delete: DELETION },
      lifecycle: { preventDestroy: true, createBeforeDestroy: true },
      ...(earlier && { dependsOn: [earlier] }),
    });
    if (adopted.has(name)) resource.importFrom(importId(manifest));
    return resource;
  }
}

/** A decommissioned Tenant is gone at once. One that is not has a finalizer of somebody else, whom to wait for longer would not hurry. */
const DELETION = '1m';
