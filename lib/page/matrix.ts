import { type ComponentChildren, h } from 'preact';
import type { Platform } from '../config/platform';
import { difference } from '../fleet/difference';
import type { Drift } from '../fleet/drift';
import type { Fleet, FleetTenant } from '../fleet/fleet';
import { type FleetRow, isRollingOut } from '../fleet/fleet-row';
import { type Mark, rowMarks, tenantMarks } from '../fleet/marks';
import { shortCommit } from '../images/pinned-image';
import { change, commit } from './commit';
import { moment } from './moment';

/**
 * Tenants by services. The roles are those that a table has anyway: on a phone its rows are laid out as cards, and some browsers then forget
 * that it is a table.
 */
export function matrix(fleet: Fleet, tenants: readonly FleetTenant[], platform: Platform): ComponentChildren {
  const { services } = fleet;
  const columns = [
    { id: 'name', title: 'Tenant' },
    { id: 'ring', title: 'Ring' },
    { id: 'state', title: 'State' },
    ...services.map((title, index) => ({ id: `service-${index}`, title, class: serviceClass(index) })),
  ];
  const head = columns.map(({ id, title, ...rest }) =>
    h('th', { role: 'columnheader', scope: 'col', 'data-sort': id, ...sorted(id), ...rest }, title),
  );
  return h('div', { class: 'scroll matrix', role: 'region', 'aria-labelledby': 'tenants', tabIndex: 0 }, [
    h('table', { id: 'matrix', role: 'table' }, [
      h(
        'caption',
        null,
        'What each tenant runs of each service: the commit, since when it is asked for, and its pods.',
      ),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, head)),
      h(
        'tbody',
        { role: 'rowgroup' },
        tenants.map((tenant) => tenantRow(tenant, services, platform)),
      ),
    ]),
  ]);
}

/** By which column the rows are sorted before anybody asks for another. */
function sorted(id: string) {
  return id === 'state' ? { 'aria-sort': 'ascending' as const } : {};
}

/** Of a service's column and cells, so that the style can hide the others. */
export function serviceClass(index: number): string {
  return `s s${index}`;
}

function tenantRow(tenant: FleetTenant, services: readonly string[], platform: Platform): ComponentChildren {
  return h('tr', { role: 'row' }, [
    h('th', { role: 'rowheader', scope: 'row' }, [
      h('span', { class: 'name' }, tenant.tenant),
      h('span', { class: 'muted host' }, tenant.host),
    ]),
    h('td', { role: 'cell', 'data-label': 'Ring' }, tenant.ring),
    h('td', { role: 'cell', class: 'state' }, state(tenant)),
    ...services.map((service, index) => {
      const row = tenant.rows.find((one) => one.service === service);
      const marks = row ? rowMarks(row, tenant) : [];
      const cell = {
        role: 'cell',
        class: [serviceClass(index), ...marks.map(markClass)].join(' '),
        'data-label': service,
      };
      return h('td', cell, row ? serviceCell(row, marks, platform) : h('span', { class: 'muted' }, 'none'));
    }),
  ]);
}

function state(tenant: FleetTenant) {
  const { readiness, drift } = tenant;
  const marks = tenantMarks(tenant);
  const why = [
    ...(readiness.ready === 'True' ? [] : [[`${readiness.reason}: ${readiness.message}`]]),
    ...drift.map(edit),
  ];
  return [
    ...(readiness.ready === 'True' ? [chip('ready')] : []),
    ...marks.map(chip),
    why.length > 0 &&
      h(
        'ul',
        { class: 'why' },
        why.map((reason) => h('li', null, reason)),
      ),
  ];
}

function edit(drift: Drift) {
  const { byHand, writer } = drift;
  const by = byHand && writer ? [`, by ${writer.manager} `, writer.at !== undefined && moment(writer.at)] : [];
  return [difference(drift), ...by];
}

function serviceCell(row: FleetRow, marks: readonly Mark[], platform: Platform) {
  const { service, newest, since, running, readyPods = '?', pods, schedule } = row;
  const build = marks.includes('behind')
    ? change(platform, service, row.commit, newest?.commits[0] ?? '')
    : commit(platform, service, row.commit);
  return [
    h('span', { class: 'build' }, build),
    h('span', { class: 'muted' }, [
      since !== undefined && [moment(since), ' · '],
      schedule === undefined ? `${readyPods}/${pods}` : 'job',
      isRollingOut(row) && running && [' · still ', h('code', null, shortCommit(running.commit))],
      marks.includes('by hand') && ' · by hand',
      marks.includes('run failed') && ' · run failed',
    ]),
  ];
}

function chip(mark: Mark | 'ready'): ComponentChildren {
  return h('span', { class: `chip ${markClass(mark)}` }, mark);
}

function markClass(mark: string): string {
  return mark.replaceAll(' ', '-');
}
