import type { FleetTenant } from './fleet';
import { type FleetRow, isBehind, isRollingOut } from './fleet-row';

/** What is worth saying of a tenant or of one of its services, in a word or two: what hurts most first. */
export const MARKS = [
  'stalled',
  'not ready',
  'unknown',
  'being deleted',
  'run failed',
  'by hand',
  'held',
  'behind',
  'rolling out',
  'undeployed',
  'no file',
  'stopped',
] as const;

export type Mark = (typeof MARKS)[number];

/** What is worth saying of one service of a tenant. */
export function rowMarks(row: FleetRow, { drift, suspended, decommissioned, readiness }: FleetTenant): Mark[] {
  const own = drift.filter(({ service }) => service === row.service);
  const imageByHand = own.some(({ field, byHand }) => field === 'image' && byHand);
  return holding({
    'run failed': row.lastRun?.result === 'Failed',
    'by hand': own.some(({ byHand }) => byHand),
    // What runs nothing is behind nothing; and an image of somebody's own choice is not the one before the newest.
    behind: isBehind(row) === true && !suspended && !decommissioned && !imageByHand,
    held: isRollingOut(row) && readiness.held,
    'rolling out': isRollingOut(row) && !readiness.held,
    undeployed: own.some(({ byHand }) => !byHand),
    stopped: suspended || decommissioned,
  });
}

/** What is worth saying of a tenant; nothing of one that is as it should be. */
export function tenantMarks(tenant: FleetTenant): Mark[] {
  const { readiness, drift, rows, hasFile, suspended, decommissioned, deletion } = tenant;
  const ofRows = new Set(rows.flatMap((row) => rowMarks(row, tenant)));
  return holding({
    stalled: readiness.stalled,
    'not ready': readiness.ready === 'False' && !readiness.stalled && !readiness.held,
    unknown: readiness.ready === 'Unknown',
    'being deleted': deletion !== undefined,
    'run failed': ofRows.has('run failed'),
    'by hand': drift.some(({ byHand }) => byHand),
    held: readiness.held,
    behind: ofRows.has('behind'),
    'rolling out': ofRows.has('rolling out'),
    undeployed: drift.some(({ byHand }) => !byHand),
    'no file': !hasFile,
    stopped: suspended || decommissioned,
  });
}

function holding(marks: Partial<Record<Mark, boolean>>): Mark[] {
  return MARKS.filter((mark) => marks[mark]);
}
