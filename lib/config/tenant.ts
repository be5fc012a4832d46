import type { Ingress } from '../tenant/ingress';
import type { Quota } from '../tenant/quota';
import type { Rollout } from '../tenant/rollout';
import type { SecretStore } from '../tenant/secret-store';
import type { TenantSpec } from '../tenant/spec';
import { imageService } from './image-service';
import type { Platform } from './platform';
import { policyOf, type Ring } from './ring';
import type { WrittenSecrets } from './secrets';
import { merged, type ServiceSettings, settingsOver } from './service-settings';
import type { TenantFile } from './tenant-file';
import { egressOf } from './written-egress';
import { quotaOf } from './written-quota';
import { secretPaths, secretStoreOf } from './written-secret-store';

/** One customer's environment, with the platform's defaults filled in. */
export interface Tenant {
  readonly name: string;
  readonly host: string;
  /** Further names under which it answers. */
  readonly hosts: readonly string[];
  readonly ingress: Ingress;
  /** What its pods may connect to; no entries for no limit. */
  readonly egress: readonly string[];
  readonly quota: Quota;
  readonly secretStore: SecretStore;
  readonly ring: string;
  readonly rollout: Rollout;
  readonly release: string;
  readonly suspend: boolean;
  readonly decommission: boolean;
  readonly database: TenantSpec['database'];
  /** Every service of the platform, sorted by name. */
  readonly services: readonly TenantService[];
}

export interface TenantService extends ServiceSettings {
  readonly name: string;
  /** The service whose image it runs. Absent for one with an image of its own. */
  readonly image?: string;
  readonly repository: string;
  readonly release: string;
  /** 0 for one that listens on none. */
  readonly port: number;
  /** Path prefix under which the tenant's host reaches the service. Absent for one that is not reached from outside. */
  readonly path?: string;
  /** Absent for a service that answers no HTTP. */
  readonly healthPath?: string;
  readonly secrets?: WrittenSecrets;
  /** Where in the secret store the Secret is that is called as the service is. Absent where nobody takes anything from it. */
  readonly secretPath?: string;
}

/** A tenant's name has no "_", so that no two tenants come to the same database. */
export function defaultDatabase(tenant: string): string {
  return `tenant_${tenant.replaceAll('-', '_')}`;
}

/** The tenant that a file describes, on its platform. */
export function tenantOf(name: string, file: TenantFile, platform: Platform): Tenant {
  const release = file.release ?? platform.release;
  const ring = file.ring ?? (platform.rings.at(-1) as Ring).name;
  const rollout = rolloutIn(ring, platform.rings);
  const services = platform.services.map(({ github: _, provenance: __, ...service }): TenantService => {
    const its = file.services[imageService(service)]?.release ?? release;
    return merged({ ...service, release: its }, ...settingsOver(service.name, platform.plans, file));
  });
  const paths = secretPaths(platform.secretStore, name, services);
  return {
    name,
    host: file.host,
    hosts: file.hosts ?? [],
    ingress: platform.ingress,
    egress: file.egress === undefined ? platform.egress : egressOf(file.egress),
    quota: quotaOf(platform, file),
    secretStore: secretStoreOf(platform.secretStore),
    ring,
    rollout: file.unproven === undefined ? rollout : { ...rollout, unproven: policyOf(file.unproven) },
    release,
    suspend: file.suspend,
    decommission: file.decommission,
    database: {
      name: file.database.name ?? defaultDatabase(name),
      deletionPolicy: file.database.deletionPolicy,
      server: file.database.server ?? '',
      connectionLimit: file.database.connectionLimit ?? platform.database?.connectionLimit ?? 0,
      rotation: file.database.rotation ?? platform.database?.rotation ?? '',
    },
    services: services.map((service) => {
      const secretPath = paths.get(service.name);
      return secretPath === undefined ? service : { ...service, secretPath };
    }),
  };
}

/** What rings mean to a tenant of one of them. */
export function rolloutIn(name: string, rings: readonly Ring[]): Rollout {
  const index = rings.findIndex((ring) => ring.name === name);
  const { atOnce, unproven } = rings[index] as Ring;
  return {
    after: rings.slice(0, index).map(({ name: ring, bakeSeconds }) => ({ ring, bakeSeconds })),
    atOnce,
    unproven,
  };
}
