import { parseReference } from '../images/pinned-image';
import type { LiveTenant } from './live-tenant';
import { type Readiness, readiness } from './readiness';

/** One service of one tenant, as it is live: a line of `tenantry status`. */
export interface FleetRow {
  readonly tenant: string;
  readonly ring: string;
  readonly service: string;
  readonly release: string;
  /** Full git SHA. */
  readonly commit: string;
  /** `sha256:...` */
  readonly digest: string;
  /** Of the tenant; `Unknown` until the operator has said anything about the current generation. */
  readonly ready: Readiness['ready'];
}

/** What runs where: a row for each service of each tenant, in the order of the tenants. */
export function fleetRows(tenants: readonly LiveTenant[]): FleetRow[] {
  return tenants.flatMap((live) => {
    const { metadata, spec } = live;
    const { ready } = readiness(live);
    return spec.services.map(({ name: service, release, commit, image }) => ({
      tenant: metadata.name,
      ring: spec.ring,
      service,
      release,
      commit,
      digest: parseReference(image).digest,
      ready,
    }));
  });
}
