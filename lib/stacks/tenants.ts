import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { Platform } from '../config/platform';
import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { Gate, type GatePaths } from './gate';
import { Lanes } from './lanes';
import { s3State } from './state-backend';
import { type TenantManifest, tenantManifest } from './tenant-manifest';

export interface TenantsStackProps {
  readonly platform: Platform;
  readonly tenants: readonly Tenant[];
  readonly images: ImageSet;
  readonly gates: GatePaths;
}

/**
 * One Tenant for each tenant, ring after ring. The rings are edges in Terraform's graph: to move a tenant to another ring changes the
 * order, and moves no state. Before the first ring stands a gate too: a tenant that lost its file stops the run before it changes anything.
 */
export class TenantsStack extends TerraformStack {
  private readonly lanes: Lanes;

  constructor(scope: Construct, id: string, { platform, tenants, images, gates: paths }: TenantsStackProps) {
    super(scope, id);
    s3State(this, platform);
    this.lanes = new Lanes(this, platform.cluster);

    const rings = platform.rings
      .map(({ name: ring }) => ({
        ring,
        manifests: tenants.filter((tenant) => tenant.ring === ring).map((tenant) => tenantManifest(tenant, images)),
      }))
      .filter(({ manifests }) => manifests.length > 0);
    let gate = new Gate(this, 'roster', { question: 'guard', about: tenants.map(({ name }) => name), paths });
    for (const [index, { ring, manifests }] of rings.entries()) {
      const applied = manifests.map((manifest) => this.apply(manifest, gate));
      const isLast = index === rings.length - 1;
      if (isLast) break;
      const question = `verify --ring ${ring}`;
      gate = new Gate(this, `ring-${ring}`, { question, about: manifests, dependsOn: applied, paths });
    }
  }

  /** What somebody edited by hand is put back by force. Nothing is waited for: a wait that fails would taint the tenant, and destroy it. */
  private apply(manifest: TenantManifest, gate: Gate): Manifest {
    const { name } = manifest.metadata;
    return new Manifest(this, `tenant-${name}`, {
      provider: this.lanes.of(name),
      manifest,
      fieldManager: { forceConflicts: true },
      lifecycle: { preventDestroy: true },
      dependsOn: [gate],
    });
  }
}
