import type { Change } from './change';
import type { TenantChange } from './tenant-change';

/** One change, and everybody that it is the same for. */
export interface Group<Kind extends Change = Change> {
  readonly change: Kind;
  readonly tenants: readonly string[];
}

/** Equal changes together, so that the one that differs is seen: by service and field, and of these the most frequent first. */
export function grouped(tenants: readonly TenantChange[]): Group[] {
  const groups = new Map<string, { change: Change; tenants: string[] }>();
  for (const { tenant, changes } of tenants) {
    for (const change of changes) {
      const key = JSON.stringify(change);
      const group = groups.get(key) ?? { change, tenants: [] };
      group.tenants.push(tenant);
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort(
    (a, b) => compare(subject(a.change), subject(b.change)) || b.tenants.length - a.tenants.length,
  );
}

function subject(change: Change): string {
  return `${change.service ?? ''} ${change.kind === 'image' ? '' : change.field}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
