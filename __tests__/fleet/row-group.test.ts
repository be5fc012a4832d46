import { rowGroups } from '../../lib/fleet/row-group';
import { tenant } from '../stacks/pinned-platform';
import { deployed, edited, fleetOf, inEcr, withPods, withReady } from './live-fleet';

const names = [...Array(1000).keys()].map((index) => `tenant-${String(index).padStart(4, '0')}`);
const thousand = names.map((name) => tenant(name));
const summary = (groups: ReturnType<typeof rowGroups>) =>
  groups.map(({ rows, marks }) => ({ tenants: rows.length, first: rows[0].tenant, marks, ready: rows[0].ready }));

describe('the rows of a service', () => {
  test('are one group when there is nothing to tell them apart', () => {
    expect(summary(rowGroups(fleetOf(thousand), 'worker'))).toEqual([
      { tenants: 1000, first: 'tenant-0000', marks: [], ready: 'True' },
    ]);
  });

  test('begin with the one that differs, however many are alike', () => {
    const live = thousand.map((one) => deployed(one, 'second'));
    live[500] = deployed(thousand[500] as (typeof thousand)[0]);
    live[600] = edited(live[600] as (typeof live)[0], ['services', 'worker', 'replicas'], 9);
    live[700] = withReady(withPods(live[700] as (typeof live)[0], 0), 'False', 'RolloutStuck', 'look at its pods');
    const groups = rowGroups(fleetOf(thousand, live, inEcr(thousand, 'second')), 'worker');

    expect(summary(groups)).toEqual([
      { tenants: 1, first: 'tenant-0500', marks: ['behind'], ready: 'True' },
      { tenants: 1, first: 'tenant-0600', marks: ['by hand'], ready: 'True' },
      { tenants: 1, first: 'tenant-0700', marks: [], ready: 'False' },
      { tenants: 997, first: 'tenant-0000', marks: [], ready: 'True' },
    ]);
  });

  test('begin with the commit that the fewest have, when nobody knows which is the newest', () => {
    const live = thousand.map((one, index) => deployed(one, index < 10 ? 'first' : 'second'));
    const groups = rowGroups(fleetOf(thousand, live, { newest: { images: [], problems: [] } }), 'worker');
    expect(groups.map(({ rows }) => rows.length)).toEqual([10, 990]);
  });
});
