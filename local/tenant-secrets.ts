import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { secretsOf } from '../lib/config/secrets';
import type { Tenant } from '../lib/config/tenant';
import type { LiveTenant } from '../lib/fleet/live-tenant';
import { readiness } from '../lib/fleet/readiness';
import { NAMESPACE_PREFIX } from '../lib/tenant/names';
import type { ClusterApi } from './parts/cluster-api';

interface Secret {
  readonly data?: Readonly<Record<string, string>>;
}

/** What the operator says as long as it has not seen that a Secret is there; the second of one that a secret store would have. */
const LACKING: readonly string[] = ['SecretMissing', 'SecretStoreMissing'];

/**
 * Makes what a secret manager would in a company: every key of a Secret that a service of a tenant names and that is not there, with a random
 * value. A tenant's namespace is waited for, and that the operator has seen what was made: until then it says that a person is needed.
 *
 * @returns what was made, as `namespace/name`.
 */
export async function makeTenantSecrets(
  cluster: Pick<ClusterApi, 'get' | 'create' | 'change'>,
  tenants: readonly Tenant[],
): Promise<string[]> {
  const made: string[] = [];
  for (const tenant of tenants.filter(({ decommission }) => !decommission)) {
    const namespace = `/api/v1/namespaces/${NAMESPACE_PREFIX}${tenant.name}`;
    for (const [name, keys] of secretsNamedBy(tenant)) {
      while (!(await cluster.get(namespace))) await sleep(200);
      const path = `${namespace}/secrets/${name}`;
      const there = await cluster.get<Secret>(path);
      const lacking = keys.filter((key) => there?.data?.[key] === undefined);
      if (lacking.length === 0) continue;
      const stringData = Object.fromEntries(lacking.map((key) => [key, randomBytes(16).toString('hex')]));
      if (there) await cluster.change(path, { stringData });
      else
        await cluster.create(`${namespace}/secrets`, {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name },
          stringData,
        });
      made.push(`${NAMESPACE_PREFIX}${tenant.name}/${name}`);
    }
  }
  while (made.length > 0 && !(await haveSeenTheirSecrets(cluster))) await sleep(200);
  return made;
}

/** A Tenant that the operator has not told anything yet may be one that it looked at before the Secret was there. */
async function haveSeenTheirSecrets(cluster: Pick<ClusterApi, 'get'>): Promise<boolean> {
  const tenants = await cluster.get<{ readonly items: readonly LiveTenant[] }>('/apis/tenantry.dev/v1/tenants');
  return (tenants?.items ?? []).every(
    (live) =>
      readiness(live).reason !== 'NotObserved' &&
      !live.status?.conditions?.some(({ reason }) => LACKING.includes(reason)),
  );
}

function secretsNamedBy({ services }: Tenant): ReadonlyMap<string, readonly string[]> {
  const named = services.flatMap(({ name, secrets }) => secretsOf(secrets, name));
  return new Map(
    named.map(({ secret }) => [secret, named.filter((one) => one.secret === secret).map(({ key }) => key)]),
  );
}
