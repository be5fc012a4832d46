import { type ComponentChildren, h } from 'preact';
import type { Platform } from '../config/platform';
import { tenantList } from '../config/tenant-list';
import { alike } from '../fleet/alike';
import type { Fleet } from '../fleet/fleet';
import { type FleetRow, isBehind } from '../fleet/fleet-row';
import { change, commit } from './commit';
import { moment } from './moment';

const COLUMNS = ['Service', 'Release', 'Commit', 'Digest', 'Tenants', 'In ECR now'] as const;

/** Every build that is asked for, with who has it and what ECR has instead: few lines, whatever the number of tenants. */
export function builds(fleet: Fleet, platform: Platform): ComponentChildren {
  const rows = fleet.services.flatMap((service) =>
    fleet.tenants.flatMap((tenant) => tenant.rows.filter((row) => row.service === service)),
  );
  const groups = alike(rows, ({ service, release, commit, digest }) => `${service} ${release} ${commit} ${digest}`);
  const everybody = fleet.tenants.map(({ tenant }) => tenant);
  const lines = groups.map(([row, ...others]) => {
    const tenants = [row, ...others].map(({ tenant }) => tenant);
    const cells = [
      row.release.replace(/^releases\//, ''),
      commit(platform, row.service, row.commit),
      h('code', { class: 'digest' }, row.digest.replace('sha256:', '')),
      tenantList(tenants, everybody),
      h('span', null, newest(row, platform)),
    ];
    return h('tr', { role: 'row' }, [
      h('th', { role: 'rowheader', scope: 'row' }, row.service),
      ...cells.map((cell, index) => h('td', { role: 'cell', 'data-label': COLUMNS[index + 1] }, cell)),
    ]);
  });
  const head = COLUMNS.map((title) => h('th', { role: 'columnheader', scope: 'col' }, title));
  return h('div', { class: 'scroll', role: 'region', 'aria-labelledby': 'builds', tabIndex: 0 }, [
    h('table', { role: 'table' }, [
      h('caption', null, 'Each build that the cluster was told to run.'),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, head)),
      h('tbody', { role: 'rowgroup' }, lines),
    ]),
  ]);
}

function newest(row: FleetRow, platform: Platform) {
  const behind = isBehind(row);
  if (behind === undefined) return h('span', { class: 'muted' }, 'not known');
  if (!behind) return h('span', { class: 'muted' }, 'the same');
  const { commits = [], pushedAt } = row.newest ?? {};
  return [
    change(platform, row.service, row.commit, commits[0] ?? ''),
    pushedAt !== undefined && [', pushed ', moment(pushedAt)],
  ];
}
