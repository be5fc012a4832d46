import type { Fleet, FleetTenant } from '../../lib/fleet/fleet';
import type { FleetRow } from '../../lib/fleet/fleet-row';
import { type Mark, rowMarks, tenantMarks } from '../../lib/fleet/marks';
import { shortCommit } from '../../lib/images/pinned-image';
import { plainText } from '../../lib/text/harmless';

/** What is said of a tenant, besides what is said of its services. */
const MARKS_OF_TENANTS: ReadonlySet<Mark> = new Set(['being deleted', 'by hand', 'no file', 'stopped']);

/** What is different in a fleet from what it was: a line for each tenant and each service of one. */
export function fleetChanges(before: Fleet, after: Fleet): string[] {
  const [old, now] = [facts(before), facts(after)];
  const time = after.at.slice(11, 19);
  const changed = [...now].filter(([subject, fact]) => old.get(subject) !== fact);
  const gone = [...old.keys()].filter((subject) => !now.has(subject));
  return [...changed.map(([subject, fact]) => `${subject}: ${fact}`), ...gone.map((subject) => `${subject}: gone`)].map(
    (line) => `${time} ${plainText(line)}`,
  );
}

/** What there is to say of each tenant and each of its services, without anything that changes by itself as time goes on. */
function facts({ tenants }: Fleet): ReadonlyMap<string, string> {
  return new Map(
    tenants.flatMap((tenant): [string, string][] => [
      [tenant.tenant, tenantFact(tenant)],
      ...tenant.rows.map((row): [string, string] => [`${row.tenant} ${row.service}`, rowFact(row, tenant)]),
    ]),
  );
}

function tenantFact(tenant: FleetTenant): string {
  const { ready, held, reason, message } = tenant.readiness;
  const marks = tenantMarks(tenant).filter((mark) => MARKS_OF_TENANTS.has(mark));
  const state = ready === 'True' ? 'ready' : held ? `held, ${message}` : `not ready, ${reason}: ${message}`;
  return [state, ...marks].join(', ');
}

function rowFact(row: FleetRow, tenant: FleetTenant): string {
  const commits = [row.running?.commit ?? row.commit, row.commit].map(shortCommit);
  return [[...new Set(commits)].join(' → '), ...rowMarks(row, tenant)].join(', ');
}
