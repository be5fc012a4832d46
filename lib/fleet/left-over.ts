import type { Cluster } from '../config/platform';
import { ClusterUnreadable } from './cluster-unreadable';
import { readCluster } from './read-cluster';

/** Where the operator publishes it; `operator/tenantry_operator/left_over.py` writes it. */
const OBJECT = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'tenantry-left-over', namespace: 'tenantry-system' },
};
const KEY = 'left-over.json';
const EDITED =
  'somebody edited the ConfigMap tenantry-system/tenantry-left-over. The operator writes it anew within an hour, or at its next start';

/** A database server, as the operator last saw it. */
export interface SeenServer {
  /** Empty for the default one. */
  readonly server: string;
  readonly lookedAt: string;
  readonly tenants: readonly LeftOver[];
}

/** What a tenant left on a server that has no Tenant any more. */
export interface LeftOver {
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly databases: readonly { readonly name: string; readonly bytes: number | null }[];
  /** When the operator first saw it so. */
  readonly since: string;
  /** The statements that drop it. */
  readonly drop: readonly string[];
}

/**
 * What tenants left on each server; undefined before the operator has looked.
 *
 * @throws ClusterUnreadable when the cluster does not answer, or refuses.
 */
export async function readLeftOver(cluster: Cluster): Promise<readonly SeenServer[] | undefined> {
  const found = await readCluster(cluster, 'what tenants left behind', (client) => client.objects.read(OBJECT));
  const text = (found as { data?: Readonly<Record<string, string>> } | undefined)?.data?.[KEY];
  try {
    return text === undefined ? undefined : (JSON.parse(text) as readonly SeenServer[]);
  } catch {
    throw new ClusterUnreadable(cluster, 'what tenants left behind', new Error(EDITED));
  }
}

/** Without what belongs to these tenants, who came back since. */
export function withoutTenants(servers: readonly SeenServer[], names: ReadonlySet<string>): readonly SeenServer[] {
  return servers.map((one) => ({ ...one, tenants: one.tenants.filter(({ tenant }) => !names.has(tenant)) }));
}
