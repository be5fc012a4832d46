import { runsPods } from '../tenant/runs-pods';
import type { LiveTenant } from './live-tenant';

/** Which services earlier rings run: what shows that an image is sound, before later rings take it. */
export class Proofs {
  /** `<ring> <service> <release>` of all that has pods, be it at its time alone; during a rollout too. */
  private readonly running: ReadonlySet<string>;

  constructor(live: readonly LiveTenant[]) {
    this.running = new Set(
      live
        .filter(({ spec }) => !spec.decommission && !spec.suspend)
        .flatMap(({ spec, status }) =>
          spec.services
            .filter(
              (service) => runsPods(service) && status?.services?.find(({ name }) => name === service.name)?.image,
            )
            .map(({ name, release }) => key(spec.ring, name, release)),
        ),
    );
  }

  /** Services of a tenant whose release nobody in an earlier ring runs, sorted; none of the first ring's, and of what runs nothing. */
  lacking({ spec: { rollout, services, suspend, decommission } }: LiveTenant): string[] {
    const after = rollout?.after ?? [];
    if (after.length === 0 || suspend || decommission) return [];
    return services
      .filter(
        (service) =>
          runsPods(service) && !after.some(({ ring }) => this.running.has(key(ring, service.name, service.release))),
      )
      .map(({ name }) => name)
      .sort();
  }
}

function key(ring: string, service: string, release: string): string {
  return `${ring} ${service} ${release}`;
}
