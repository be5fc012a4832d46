import { fleetChanges } from '../../../cli/status/fleet-changes';
import { deployed, edited, fleetOf, inEcr, withReady } from '../../fleet/live-fleet';
import { tenant } from '../../stacks/pinned-platform';

const amber = tenant('amber');
const before = fleetOf([amber]);

describe('what changed in a fleet', () => {
  test('is nothing when only time has passed', () => {
    expect(fleetChanges(before, { ...before, at: '2026-11-22T09:00:00.000Z' })).toEqual([]);
  });

  test('is told by tenant and service: a push, a rollout, an edit, a reason', () => {
    const pushed = fleetOf([amber], undefined, inEcr([amber], 'second'));
    expect(fleetChanges(before, pushed)).toEqual([
      expect.stringMatching(/^08:00:00 amber apiserver: [0-9a-f]{7}, behind$/),
      expect.stringMatching(/^08:00:00 amber worker: [0-9a-f]{7}, behind$/),
    ]);
    const asked = { ...deployed(amber, 'second'), status: deployed(amber).status as object };
    const rolling = withReady(asked, 'False', 'RolloutInProgress', '0 of 2 pods');
    expect(fleetChanges(pushed, fleetOf([amber], [rolling], inEcr([amber], 'second')))).toEqual([
      '08:00:00 amber: not ready, RolloutInProgress: 0 of 2 pods',
      expect.stringMatching(/^08:00:00 amber apiserver: [0-9a-f]{7} → [0-9a-f]{7}, rolling out$/),
      expect.stringMatching(/^08:00:00 amber worker: [0-9a-f]{7} → [0-9a-f]{7}, rolling out$/),
    ]);
    expect(fleetChanges(before, fleetOf([amber], [edited(deployed(amber), ['host'], 'x.example.com')]))).toEqual([
      '08:00:00 amber: ready, by hand',
    ]);
  });

  test('is told of tenants that come and go', () => {
    const birch = tenant('birch');
    expect(fleetChanges(before, fleetOf([birch]))).toEqual([
      '08:00:00 birch: ready',
      expect.stringMatching(/^08:00:00 birch apiserver: /),
      expect.stringMatching(/^08:00:00 birch worker: /),
      '08:00:00 amber: gone',
      '08:00:00 amber apiserver: gone',
      '08:00:00 amber worker: gone',
    ]);
  });
});
