import { commitsOf, compared, fleetRows, isBehind, isRollingOut } from '../../lib/fleet/fleet-row';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { DEPLOYED, deployed, EDITED, edited, withPods, withReady } from './live-fleet';

const amber = tenant('amber');
const live = deployed(amber);
const newest = (build: string) => imagesFor([amber], build).findImage('amber', 'worker');

/** The row of its worker. */
function worker(of: LiveTenant) {
  const row = fleetRows(of).find(({ service }) => service === 'worker');
  if (!row) throw new Error('it has no worker');
  return row;
}

describe('a row of the fleet', () => {
  test('is a service of a tenant with its commit, digest and release, and its pods', () => {
    const { commits, digest } = newest('first');
    const build = { commit: commits[0], digest, release: 'releases/0.0.2' };
    const place = { tenant: 'amber', ring: 'general', service: 'worker' };
    const expected = { ...place, ...build, since: DEPLOYED, running: build, ready: 'True', readyPods: 1, pods: 1 };
    expect(worker(live)).toEqual(expected);
  });

  test('says since when its commit is asked for: since the one who asked for it last changed the Tenant', () => {
    expect(worker(edited(live, ['services', 'worker', 'replicas'], 3)).since).toBe(DEPLOYED);
    expect(worker(edited(live, ['services', 'worker', 'image'], newestReference('second'))).since).toBe(EDITED);
  });

  test('says nothing about that where the API server has no record', () => {
    const { managedFields: _, ...metadata } = live.metadata;
    expect(worker({ ...live, metadata })).not.toHaveProperty('since');
  });

  test('knows what still runs while a rollout goes on, and does not count the pods of what was there before', () => {
    const next = deployed(amber, 'second');
    const rolling = { ...next, metadata: { ...next.metadata, generation: 2 }, status: live.status as object };

    expect(worker(rolling)).toMatchObject({ commit: newest('second').commits[0] });
    expect(worker(rolling).running?.commit).toBe(newest('first').commits[0]);
    expect(worker(rolling)).not.toHaveProperty('readyPods');
    expect(isRollingOut(worker(rolling))).toBe(true);
    expect(isRollingOut(worker(live))).toBe(false);
  });

  test('is ready when every pod is, whatever else keeps its tenant from being ready', () => {
    const unready = withReady(live, 'False', 'DatabaseUnreachable', 'no route to host');
    expect(worker(unready).ready).toBe('True');
    expect(worker(withPods(unready, 0)).ready).toBe('False');
    expect(worker({ ...unready, metadata: { ...unready.metadata, generation: 2 } }).ready).toBe('Unknown');
  });

  test('says nothing of what runs before the operator has', () => {
    const { status: _, ...silent } = live;
    expect(worker(silent)).not.toHaveProperty('running');
    expect(isRollingOut(worker(silent))).toBe(false);
  });

  test('asks for as many pods as its autoscaler does, once that is known for what it is to be now', () => {
    const free = edited(live, ['services', 'worker', 'maxReplicas'], 6);
    const [first, ...others] = free.status?.services ?? [];
    const services = [first, ...others].map((one) => ({
      ...one,
      name: one?.name ?? '',
      replicas: 5,
      readyReplicas: 4,
    }));
    const status = { ...free.status, conditions: free.status?.conditions ?? [], services };
    const busy = { ...free, status: { ...status, observedGeneration: free.metadata.generation } };
    expect(worker(busy)).toMatchObject({ pods: 5, readyPods: 4 });
    expect(worker({ ...busy, status: { ...busy.status, observedGeneration: 0 } }).pods).toBe(1);
    expect(worker({ ...busy, spec: { ...busy.spec, suspend: true } }).pods).toBe(0);
  });

  test('asks for no pods of a tenant that is decommissioned', () => {
    expect(worker({ ...live, spec: { ...live.spec, decommission: true } }).pods).toBe(0);
  });
});

describe('a row and what ECR has', () => {
  test('is behind when ECR has another digest, and not when it has the same', () => {
    expect(isBehind(compared(worker(live), newest('first')))).toBe(false);
    expect(isBehind(compared(worker(live), newest('second')))).toBe(true);
  });

  test('is neither behind nor not where nobody knows what ECR has', () => {
    expect(isBehind(compared(worker(live), undefined))).toBeUndefined();
  });

  test('has every commit that its digest was built from, and no commit that is only in ECR', () => {
    const other = 'b'.repeat(40);
    const { commits, ...image } = newest('first');
    const row = compared(worker(live), { ...image, commits: [...commits, other] });

    expect(commitsOf(row)).toEqual([...commits, other]);
    expect(commitsOf(compared(worker(live), newest('second')))).toEqual(commits);
  });
});

function newestReference(build: string): string {
  return `registry/worker@${newest(build).digest}`;
}
