import { tenantList } from '../config/tenant-list';
import { shortCommit } from '../images/pinned-image';
import { alike } from './alike';
import type { FleetTenant } from './fleet';
import type { FleetRow } from './fleet-row';
import { rowMarks } from './marks';
import { count, type Notice, type NoticeItem } from './notice';

/** Tenants on another image than the newest, by what would change: many tenants, and few lines. */
export function behind(tenants: readonly FleetTenant[]): Notice {
  const rows = tenants.flatMap((tenant) => tenant.rows.filter((row) => rowMarks(row, tenant).includes('behind')));
  const changes = alike(rows, (row) => [row.service, row.release, row.digest, row.newest?.digest].join(' '));
  const items = changes.map((rows): NoticeItem => {
    const [{ service, commit, newest }] = rows;
    const pushedAt = newest?.pushedAt;
    return {
      subject: `${service} ${changeOf(rows[0])}`,
      ...(pushedAt !== undefined && { when: { verb: 'pushed', at: pushedAt } }),
      ...(rows.length < tenants.length && { text: names(rows) }),
      change: { service, from: commit, to: newest?.commits[0] ?? '' },
    };
  });
  const distinct = new Set(rows.map(({ tenant }) => tenant)).size;
  return { kind: 'behind', title: `${count(distinct, 'tenant')} behind`, items };
}

function names(rows: readonly FleetRow[]): string {
  return tenantList(rows.map(({ tenant }) => tenant)).replace(/^\d+ tenants: /, '');
}

/** `a1b2c3d → e4f5a6b`; with the releases where they differ, and with the digests where one commit was built twice. */
function changeOf({ commit, digest, release, newest }: FleetRow): string {
  const to = newest?.commits[0] ?? '';
  if (newest && newest.release !== release)
    return `${release} ${shortCommit(commit)} → ${newest.release} ${shortCommit(to)}`;
  if (newest?.commits.includes(commit))
    return `${shortCommit(commit)}, built anew: ${short(digest)} → ${short(newest.digest)}`;
  return `${shortCommit(commit)} → ${shortCommit(to)}`;
}

/** As docker shows a digest. */
function short(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
