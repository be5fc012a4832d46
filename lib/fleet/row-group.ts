import { alike } from './alike';
import type { Fleet } from './fleet';
import type { FleetRow } from './fleet-row';
import { type Mark, rowMarks } from './marks';

/** Rows of one service that say the same of different tenants. */
export interface RowGroup {
  readonly rows: readonly [FleetRow, ...FleetRow[]];
  readonly marks: readonly Mark[];
}

/** The rows of a service, those together that are alike: first what is marked, then what the fewest tenants have. */
export function rowGroups(fleet: Fleet, service: string): RowGroup[] {
  const all = fleet.tenants.flatMap((tenant) =>
    tenant.rows.filter((row) => row.service === service).map((row) => ({ row, marks: rowMarks(row, tenant) })),
  );
  const key = ({ row, marks }: (typeof all)[number]) =>
    JSON.stringify([row.release, row.commit, row.digest, row.running?.digest, row.ready, marks]);
  const groups = alike(all, key).map(([first, ...others]): RowGroup => {
    return { rows: [first.row, ...others.map(({ row }) => row)], marks: first.marks };
  });
  const noteworthy = ({ rows, marks }: RowGroup) => Number(marks.length > 0 || rows[0].ready !== 'True');
  return groups.sort((a, b) => noteworthy(b) - noteworthy(a) || a.rows.length - b.rows.length);
}
