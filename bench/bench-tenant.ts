import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveTenant } from '../lib/fleet/live-tenant';
import { listTenants } from '../lib/fleet/read-tenants';
import { readiness } from '../lib/fleet/readiness';
import type { PlatformRecord } from '../local/platform/platform-record';

const SERVICES = ['apiserver', 'tenant-auth', 'web-client'];

/** A tenant of three services. Another `image` of the first, a digit, is another digest and another commit. */
export function benchTenant(name: string, image: number, database = `tenant_${name.replaceAll('-', '_')}`) {
  return {
    apiVersion: 'tenantry.dev/v1',
    kind: 'Tenant',
    metadata: { name },
    spec: {
      host: `${name}.example.com`,
      ring: 'general',
      // What all of them cost is measured, and not how long they wait for each other.
      rollout: { after: [], atOnce: '100%', unproven: 'Hold' },
      release: 'releases/0.0.2',
      decommission: false,
      database: { name: database, deletionPolicy: 'Retain' },
      services: SERVICES.map((service, index) => ({
        name: service,
        image: `registry.example.com/${service}@sha256:${String(index === 0 ? image : 1).repeat(64)}`,
        commit: String(index === 0 ? image : 1).repeat(40),
        release: 'releases/0.0.2',
        port: 8080,
        path: `/${service}`,
        healthPath: `/${service}/v1/health`,
        replicas: 1,
      })),
    },
  };
}

/** Waits until so many tenants are ready. */
export async function untilReady({ kubernetes }: PlatformRecord, wanted: number): Promise<void> {
  const isReady = (one: LiveTenant) => readiness(one).ready === 'True';
  const all = () => listTenants({ kubeconfig: kubernetes.kubeconfig, context: 'admin' });
  // To list them costs the API server much, and one that is busy may answer late.
  const count = async () => (await all().catch(() => [])).filter(isReady).length;
  while ((await count()) < wanted) await sleep(Math.max(250, wanted * 5));
}
