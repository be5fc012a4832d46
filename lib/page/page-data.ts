import type { Fleet, FleetTenant } from '../fleet/fleet';
import { commitsOf } from '../fleet/fleet-row';
import { MARKS, rowMarks, tenantMarks } from '../fleet/marks';

/** What `page.js` filters and sorts by. Tenants and services are in the order of the matrix. */
export interface PageData {
  /** ISO 8601, UTC: when the cluster was asked. */
  readonly at: string;
  readonly tenants: readonly {
    /** Lower case: what a text is looked for in. */
    readonly text: string;
    readonly name: string;
    /** In the order in which rings are deployed. */
    readonly ring: number;
    /** The more it hurts, the smaller. */
    readonly state: number;
    /** What the tenant runs of each service: equal where it is the same. Empty where it has none. */
    readonly builds: readonly string[];
    /** Whether there is something to say of the tenant; and of each service. */
    readonly differs: boolean;
    readonly servicesDiffer: readonly boolean[];
  }[];
}

export function pageData(fleet: Fleet, order: readonly FleetTenant[]): PageData {
  return { at: fleet.at, tenants: order.map((tenant) => tenantData(tenant, fleet)) };
}

/** The tenants of a fleet, those first of which there is most to say. */
export function inOrder({ tenants }: Fleet): FleetTenant[] {
  return [...tenants].sort((a, b) => severity(a) - severity(b) || (a.tenant < b.tenant ? -1 : 1));
}

/** A value as text of a page's data block: nothing in it ends the block, or begins another. */
export function dataBlock(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function tenantData(tenant: FleetTenant, { rings, services }: Fleet): PageData['tenants'][number] {
  const { readiness, rows, drift } = tenant;
  const marks = tenantMarks(tenant);
  const row = (service: string) => rows.find((one) => one.service === service);
  const words = [
    tenant.tenant,
    tenant.host,
    tenant.ring,
    ...(readiness.ready === 'True' ? [] : [readiness.reason, readiness.message]),
    ...marks,
    ...drift.flatMap(({ field, live, writer }) => [field, live, writer?.manager]),
    ...rows.flatMap((one) => [one.release, one.digest, ...commitsOf(one)]),
  ];
  return {
    text: [...new Set(words.filter((word) => word !== undefined))].join(' ').toLowerCase(),
    name: tenant.tenant,
    ring: rings.indexOf(tenant.ring),
    state: severity(tenant),
    builds: services.map((service) => {
      const { release = '', commit = '', digest = '' } = row(service) ?? {};
      return `${release} ${commit} ${digest}`.trim();
    }),
    differs: marks.length > 0,
    servicesDiffer: services.map((service) => {
      const one = row(service);
      return one !== undefined && rowMarks(one, tenant).length > 0;
    }),
  };
}

function severity(tenant: FleetTenant): number {
  const [worst] = tenantMarks(tenant);
  return worst === undefined ? MARKS.length : MARKS.indexOf(worst);
}
