import { select } from '../../lib/fleet/selection';
import { tenant } from '../stacks/pinned-platform';
import { deployed, edited, fleetOf } from './live-fleet';

const tenants = [tenant('amber', 'canary'), tenant('birch'), tenant('cedar')];
const meddled = edited(deployed(tenant('birch')), ['services', 'worker', 'replicas'], 9);
const live = [deployed(tenant('amber', 'canary')), edited(meddled, ['host'], 'x.example.com')];
const fleet = fleetOf(tenants, live);

describe('a part of a fleet', () => {
  test('is all of it when nothing is named', () => {
    expect(select(fleet, {})).toEqual(fleet);
  });

  test('is the tenants that are named, live or not', () => {
    const part = select(fleet, { tenants: ['amber', 'cedar'] });
    expect(part.tenants.map(({ tenant }) => tenant)).toEqual(['amber']);
    expect(part.missing).toEqual([{ tenant: 'cedar', ring: 'general' }]);
  });

  test('is the tenants of a ring, those that are named', () => {
    expect(select(fleet, { rings: ['canary'] }).tenants.map(({ tenant }) => tenant)).toEqual(['amber']);
    expect(select(fleet, { rings: ['canary'], tenants: ['birch'] }).tenants).toEqual([]);
  });

  test('is a service of every tenant, without what was edited of the others, and with what is about the tenant itself', () => {
    const part = select(fleet, { services: ['apiserver'] });
    const birch = part.tenants.find(({ tenant }) => tenant === 'birch');

    expect(part.services).toEqual(['apiserver']);
    expect(birch?.rows.map(({ service }) => service)).toEqual(['apiserver']);
    expect(birch?.drift.map(({ field }) => field)).toEqual(['host']);
  });
});
