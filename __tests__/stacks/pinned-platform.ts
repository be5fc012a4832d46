import { createHash } from 'node:crypto';
import type { Platform } from '../../lib/config/platform';
import { rolloutIn, type Tenant } from '../../lib/config/tenant';
import { ImageSet } from '../../lib/images/image-set';
import { imageRequests } from '../../lib/images/request';
import { DEFAULT_INGRESS } from '../../lib/tenant/ingress';
import { NO_QUOTA } from '../../lib/tenant/quota';
import { NO_STORE } from '../../lib/tenant/secret-store';
import { plainRings } from '../config/plain-rings';

/** A platform of two services on a kubeconfig cluster, to build stacks of. */
export const PLATFORM: Platform = {
  name: 'acme',
  release: 'releases/0.0.2',
  github: 'acme/platform',
  branch: 'main',
  registry: { account: '123456789012', region: 'eu-central-1' },
  services: [
    {
      name: 'apiserver',
      repository: 'apiserver',
      github: 'acme/apiserver',
      port: 8080,
      path: '/apiserver',
      healthPath: '/apiserver/v1/health',
      replicas: 2,
    },
    { name: 'worker', repository: 'jobs/worker', github: 'acme/worker', port: 9000, replicas: 1 },
  ],
  operator: { repository: 'tenantry-operator', release: 'releases/0.0.2' },
  cluster: { kubeconfig: '/kubeconfig', context: 'deployer' },
  ingress: DEFAULT_INGRESS,
  egress: [],
  state: { bucket: 'acme-state', region: 'eu-central-1' },
  rings: plainRings('canary', 'early', 'general'),
  verify: { attempts: 12, interval: 5 },
};

export function tenant(name: string, ring = 'general', changes: Partial<Tenant> = {}): Tenant {
  return {
    name,
    host: `${name}.example.com`,
    hosts: [],
    ingress: PLATFORM.ingress,
    egress: PLATFORM.egress,
    quota: NO_QUOTA,
    secretStore: NO_STORE,
    ring,
    rollout: rolloutIn(ring, PLATFORM.rings),
    release: PLATFORM.release,
    suspend: false,
    decommission: false,
    database: { name: `tenant_${name}`, deletionPolicy: 'Retain' },
    services: PLATFORM.services.map(({ github: _, ...service }) => ({ ...service, release: PLATFORM.release })),
    ...changes,
  };
}

/** An image for every request of these tenants; another `build` is another digest and another commit. */
export function imagesFor(tenants: readonly Tenant[], build = 'first'): ImageSet {
  return new ImageSet(
    PLATFORM.registry,
    imageRequests(PLATFORM, tenants).map((request) => {
      const hash = createHash('sha256').update(`${request.service} ${request.release} ${build}`).digest('hex');
      return { ...request, digest: `sha256:${hash}`, commits: [hash.slice(0, 40)] };
    }),
  );
}
