import type { TenantManifest } from '../../lib/stacks/tenant-manifest';
import type { Rollout } from '../../lib/tenant/rollout';
import type { TenantServiceSpec, TenantSpec } from '../../lib/tenant/spec';
import { type Ailment, unhealthyCommit } from '../../local/unhealthy-image';
import { until } from '../until';
import type { Lab } from './lab';
import { commit, image, service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

/** Of a tenant of the first ring. */
const FIRST: Rollout = { after: [], atOnce: '100%', unproven: 'Hold' };

/** When a tenant takes new images that has to wait for these rings. */
export function rolloutAfter(...rings: readonly string[]): Rollout {
  return { ...FIRST, after: rings.map((ring) => ({ ring, bakeSeconds: 0 })) };
}

/** The service `api` on its `n`-th image, with a commit that is unhealthy if it has to be. */
export function api(n: number, ailment?: Ailment, changes: Partial<TenantServiceSpec> = {}): TenantServiceSpec {
  return service('api', n, { commit: ailment ? unhealthyCommit(ailment) : commit(n), ...changes });
}

/** A Tenant in a ring, as Terraform would apply it. */
export function ringed(name: string, ring: string, changes: Partial<TenantSpec> = {}): TenantManifest {
  return tenantObject(name, { ring, rollout: FIRST, services: [api(1)], ...changes });
}

/** A canary, and one tenant of a later ring. They are called after what they are there for, so that others have rings of their own. */
export class Pair {
  readonly canary: string;
  readonly later: string;
  readonly rings: { readonly canary: string; readonly later: string };

  constructor(
    private readonly lab: Lab,
    what: string,
  ) {
    this.canary = `${what}-canary`;
    this.later = `${what}-later`;
    this.rings = { canary: this.canary, later: this.later };
  }

  get rollout(): Rollout {
    return rolloutAfter(this.rings.canary);
  }

  /** Both run the first image, healthy. */
  async begin(changes: Partial<TenantSpec> = {}): Promise<this> {
    await this.lab.apply(ringed(this.canary, this.rings.canary, changes));
    await this.lab.apply(ringed(this.later, this.rings.later, { rollout: this.rollout, ...changes }));
    await this.lab.untilReady(this.canary, this.later);
    return this;
  }

  /** Asks for the same of both, in the order in which a run does. */
  async ask(changes: Partial<TenantSpec>): Promise<void> {
    await this.lab.change(this.canary, changes);
    await this.lab.change(this.later, changes);
  }

  /** Waits until the later one is told that it has to wait for this. */
  untilHeld(because: string): Promise<string> {
    return untilHeld(this.lab, this.later, because);
  }
}

/** Waits until a tenant is told that it has to wait, and why; returns all that it is told. */
export function untilHeld(lab: Lab, name: string, because: string, reason = 'RingHeld'): Promise<string> {
  return until(`${name} has to wait: ${because}`, async () => {
    const ready = await lab.condition(name, 'Ready');
    return ready?.reason === reason && ready.message.includes(because) && ready.message;
  });
}

export async function deploymentOf(lab: Lab, tenant: string, name = 'api'): Promise<Live> {
  return (await lab.api.request('GET', `/apis/apps/v1/namespaces/tenant-${tenant}/deployments/${name}`)).body;
}

/** The image that a tenant's service `api` is to run by now. */
export async function imageOf(lab: Lab, tenant: string): Promise<string | undefined> {
  return (await deploymentOf(lab, tenant)).spec?.template.spec.containers[0].image;
}

/** Which of its images a tenant's service `api` ever ran, as numbers. */
export async function everRan(lab: Lab, tenant: string): Promise<number[]> {
  const { items } = (await lab.api.request('GET', `/apis/apps/v1/namespaces/tenant-${tenant}/replicasets`)).body;
  const images = items.map(({ spec }: Live) => spec.template.spec.containers[0].image);
  return Array.from({ length: 16 }, (_, n) => n).filter((n) => images.includes(image('api', n)));
}

/** The pods of a tenant's service `api` that are there to stay. */
export async function podsOf(lab: Lab, tenant: string): Promise<Live[]> {
  const path = `/api/v1/namespaces/tenant-${tenant}/pods?labelSelector=app.kubernetes.io/name=api`;
  const { items } = (await lab.api.request('GET', path)).body;
  return items.filter(({ metadata }: Live) => !metadata.deletionTimestamp);
}

/** Has the pods of a tenant answer 503 at its host, or be well again, whatever image they run. */
export async function setHealth(lab: Lab, tenant: string, healthy: boolean): Promise<void> {
  for (const { metadata } of await podsOf(lab, tenant)) {
    // A pod without a commit does not say which it is of, and is well.
    const labels = { 'git.sha': healthy ? null : unhealthyCommit('answers') };
    await lab.api.request('PATCH', `/api/v1/namespaces/tenant-${tenant}/pods/${metadata.name}`, {
      metadata: { labels },
    });
  }
}

/** Counts, from now on, how many of these tenants have a Deployment on its way at the same time. */
export function watchRolling(lab: Lab, names: readonly string[]) {
  const path = '/apis/apps/v1/deployments?labelSelector=app.kubernetes.io/name=api';
  const seen = new Set<string>();
  let most = 0;
  let goesOn = true;
  const watching = (async () => {
    while (goesOn) {
      const { items } = (await lab.api.request('GET', path)).body;
      const rolling = names.filter((name) =>
        items.some((live: Live) => live.metadata.namespace === `tenant-${name}` && isRolling(live)),
      );
      for (const name of rolling) seen.add(name);
      most = Math.max(most, rolling.length);
    }
  })();
  return {
    end: async () => {
      goesOn = false;
      await watching;
      return { most, seen };
    },
  };
}

function isRolling({ metadata, spec, status }: Live): boolean {
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
  const isDone = [replicas, updatedReplicas, availableReplicas].every((one) => (one ?? 0) === spec.replicas);
  return observedGeneration !== metadata.generation || !isDone;
}
