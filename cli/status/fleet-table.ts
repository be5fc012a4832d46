import { alike } from '../../lib/fleet/alike';
import type { Fleet } from '../../lib/fleet/fleet';
import type { FleetRow } from '../../lib/fleet/fleet-row';
import { isRollingOut } from '../../lib/fleet/fleet-row';
import { rowMarks } from '../../lib/fleet/marks';
import { type RowGroup, rowGroups } from '../../lib/fleet/row-group';
import { shortCommit } from '../../lib/images/pinned-image';
import { plainText } from '../../lib/text/harmless';
import { short, table } from '../table';
import { ages } from './age';
import { WIDTH } from './wrapped';

/** Columns for names of tenants, however wide the others are. */
const NAMES = 12;
const INDENT = '  ';
/** Columns between two of a table. */
const GAP = 2;
/** Head of the column of marks, which speak for themselves. */
const MARKS = '';

/** Every service of every tenant in a line of its own. */
export function eachTable(fleet: Fleet, now: Date): string {
  const rows = fleet.tenants.flatMap((tenant) =>
    tenant.rows.map((row) => [
      row.tenant,
      row.ring,
      row.service,
      row.release,
      commitCell(row),
      short(row.digest),
      ages(since([row]), now),
      readyCell(row),
      podsCell([row]),
      rowMarks(row, tenant).join(', '),
    ]),
  );
  const head = ['TENANT', 'RING', 'SERVICE', 'RELEASE', 'COMMIT', 'DIGEST', 'SINCE', 'READY', 'PODS', MARKS];
  return table(head, rows.map(plain));
}

/**
 * By service and release, with one line for all tenants of which the same is to be said: a thousand that are alike don't bury the one that
 * differs.
 */
export function groupedTable(fleet: Fleet, now: Date): string {
  const blocks = fleet.services.flatMap((service) =>
    alike(rowGroups(fleet, service), ({ rows }) => rows[0].release).map((groups) => ({
      heading: plainText(`${service} ${groups[0].rows[0].release}`),
      groups,
    })),
  );
  const groups = blocks.flatMap((block) => block.groups);
  const marked = groups.some(({ marks }) => marks.length > 0);
  const head = ['COMMIT', 'DIGEST', 'RING', 'SINCE', 'READY', 'PODS', ...(marked ? [MARKS] : [])];
  const cells = groups.map((group) => groupCells(group, fleet, now).slice(0, head.length));
  const room = Math.max(NAMES, WIDTH - INDENT.length - widthOf(table(head, cells)) - GAP);
  const named = cells.map((row, index) => [...row, tenantsCell(groups[index] as RowGroup, fleet, room)]);
  const [title = '', ...lines] = table([...head, 'TENANTS'], named).split('\n');
  const rest = lines.values();
  const drawn = blocks.flatMap(({ heading, groups }) => [
    heading,
    ...groups.map(() => `${INDENT}${rest.next().value ?? ''}`),
  ]);
  return [`${INDENT}${title}`, ...drawn].join('\n');
}

function groupCells({ rows, marks }: RowGroup, fleet: Fleet, now: Date): string[] {
  const [row] = rows;
  return plain([
    commitCell(row),
    short(row.digest),
    ringCell(rows, fleet),
    ages(since(rows), now),
    readyCell(row),
    podsCell(rows),
    marks.join(', '),
  ]);
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

/** `a1b2c3d`, or `a1b2c3d>e4f5a6b` during a rollout from one to the other. */
function commitCell(row: FleetRow): string {
  const asked = shortCommit(row.commit);
  return row.running && isRollingOut(row) ? `${shortCommit(row.running.commit)}→${asked}` : asked;
}

/** The rings of these rows: few by name. Of all tenants it is no news. */
function ringCell(rows: readonly FleetRow[], { rings, tenants }: Fleet): string {
  const these = rings.filter((ring) => rows.some((row) => row.ring === ring));
  if (rows.length === tenants.length && these.length > 1) return 'all';
  return these.length <= 2 ? these.join(', ') : `${these.length} rings`;
}

function since(rows: readonly FleetRow[]): string[] {
  return rows.flatMap((row) => row.since ?? []);
}

function readyCell({ ready }: FleetRow): string {
  return { True: 'yes', False: 'no', Unknown: 'unknown' }[ready];
}

/** `2/2`, those of all tenants together; `?/2` where the operator has not counted those of one; `job` for what has some at its time alone. */
function podsCell(rows: readonly FleetRow[]): string {
  if (rows.every(({ schedule }) => schedule !== undefined)) return 'job';
  const ready = rows.reduce((sum, row) => sum + (row.readyPods ?? Number.NaN), 0);
  const pods = rows.reduce((sum, row) => sum + row.pods, 0);
  return `${Number.isNaN(ready) ? '?' : ready}/${pods}`;
}

/** As many names as there is room for, and how many more there are. One alone is named in any case. */
function tenantsCell({ rows }: RowGroup, { tenants }: Fleet, room: number): string {
  if (rows.length === tenants.length && rows.length > 1) return `all ${rows.length}`;
  const names = rows.map(({ tenant }) => plainText(tenant));
  for (let shown = names.length; shown > 0; shown--) {
    const more = names.length - shown;
    const text = [names.slice(0, shown).join(', '), ...(more > 0 ? [`+ ${more}`] : [])].join(' ');
    if (text.length <= room || names.length === 1) return text;
  }
  return `${rows.length} tenants`;
}

function plain(cells: readonly string[]): string[] {
  return cells.map((cell) => plainText(cell));
}
