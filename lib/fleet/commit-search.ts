import { alike } from './alike';
import type { Fleet } from './fleet';
import { commitsOf, type FleetRow, isRollingOut, type NewestBuild } from './fleet-row';
import { selectRows } from './selection';

/** Where a commit runs. */
export interface CommitSearch {
  /** The part of the fleet that runs it or is on its way there. */
  readonly fleet: Fleet;
  /** By service; several commits can begin with the same digits. */
  readonly found: readonly FoundCommit[];
  /** Where ECR has it as the newest, and nobody runs it. */
  readonly waiting: readonly (NewestBuild & { readonly service: string; readonly commit: string })[];
}

export interface FoundCommit {
  readonly service: string;
  /** Full git SHA. */
  readonly commit: string;
  readonly tenants: number;
  /** Of these tenants: where a rollout to it or away from it still goes on. */
  readonly rollingOut: number;
  /** Tenants that have the service at all. */
  readonly of: number;
}

/** @param digits - a commit's first digits, or all of them. */
export function findCommit(fleet: Fleet, digits: string): CommitSearch {
  const begins = (commit: string) => commit.startsWith(digits);
  const selected = selectRows(fleet, (row) => commitsOf(row).some(begins));
  const rows = selected.tenants.flatMap((tenant) => tenant.rows);
  const pairs = rows.flatMap((row) =>
    commitsOf(row)
      .filter(begins)
      .map((commit) => ({ row, commit })),
  );
  const found = alike(pairs, ({ row, commit }) => `${row.service} ${commit}`).map((same): FoundCommit => {
    const [{ row, commit }] = same;
    const having = fleet.tenants.filter((tenant) => tenant.rows.some(({ service }) => service === row.service));
    return {
      service: row.service,
      commit,
      tenants: same.length,
      rollingOut: same.filter(({ row }) => isRollingOut(row)).length,
      of: having.length,
    };
  });
  return { fleet: selected, found, waiting: found.length > 0 ? [] : waiting(fleet, begins) };
}

function waiting(fleet: Fleet, begins: (commit: string) => boolean): CommitSearch['waiting'] {
  const rows = fleet.tenants.flatMap((tenant) => tenant.rows);
  const newest = rows.flatMap(({ service, newest }: FleetRow) => {
    const commit = newest?.commits.find(begins);
    return newest && commit !== undefined ? [{ ...newest, service, commit }] : [];
  });
  return alike(newest, ({ service, release, digest }) => `${service} ${release} ${digest}`).map(([one]) => one);
}
