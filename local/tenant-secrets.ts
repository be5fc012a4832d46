import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { secretsOf } from '../lib/config/secrets';
import type { Tenant } from '../lib/config/tenant';
import { NAMESPACE_PREFIX } from '../lib/tenant/names';
import type { ClusterApi } from './parts/cluster-api';

interface Tenants {
  readonly items: readonly { readonly status?: { readonly conditions?: readonly { readonly reason: string }[] } }[];
}

/**
 * Makes what a secret manager would in a company: every Secret that a service of a tenant names and that is not there, with a random value
 * for each key. A tenant's namespace is waited for, and that the operator has seen what was made: until then it says that a person is needed.
 *
 * @returns what was made, as `namespace/name`.
 */
export async function makeTenantSecrets(cluster: ClusterApi, tenants: readonly Tenant[]): Promise<string[]> {
  const made: string[] = [];
  for (const tenant of tenants.filter(({ decommission }) => !decommission)) {
    const namespace = `/api/v1/namespaces/${NAMESPACE_PREFIX}${tenant.name}`;
    for (const [name, keys] of secretsNamedBy(tenant)) {
      while (!(await cluster.get(namespace))) await sleep(200);
      if (await cluster.get(`${namespace}/secrets/${name}`)) continue;
      const stringData = Object.fromEntries(keys.map((key) => [key, randomBytes(16).toString('hex')]));
      await cluster.create(`${namespace}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        stringData,
      });
      made.push(`${NAMESPACE_PREFIX}${tenant.name}/${name}`);
    }
  }
  while (made.length > 0 && (await lacksSecrets(cluster))) await sleep(200);
  return made;
}

async function lacksSecrets(cluster: ClusterApi): Promise<boolean> {
  const tenants = await cluster.get<Tenants>('/apis/tenantry.dev/v1/tenants');
  const reasons = tenants?.items.flatMap(({ status }) => status?.conditions ?? []).map(({ reason }) => reason) ?? [];
  return reasons.includes('SecretMissing');
}

function secretsNamedBy({ services }: Tenant): ReadonlyMap<string, readonly string[]> {
  const named = services.flatMap(({ name, secrets }) => secretsOf(secrets, name));
  return new Map(
    named.map(({ secret }) => [secret, named.filter((one) => one.secret === secret).map(({ key }) => key)]),
  );
}
