import { fleetText } from '../../cli/status/fleet-text';
import { fleetJson } from '../../lib/fleet/fleet-json';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { rowMarks, tenantMarks } from '../../lib/fleet/marks';
import { notices } from '../../lib/fleet/notices';
import { Proofs } from '../../lib/fleet/unproven';
import type { LastRun } from '../../lib/tenant/status';
import { tenant } from '../stacks/pinned-platform';
import { deployed, fleetOf } from './live-fleet';

const NIGHT = '2026-11-22T03:00:00Z';
const FAILED: LastRun = { scheduledAt: NIGHT, result: 'Failed', succeededAt: '2026-11-21T03:00:09Z' };

/** A tenant whose worker runs every night. */
const nightly = (name: string, ring = 'general') =>
  tenant(name, ring, {
    services: tenant(name).services.map((service) =>
      service.name === 'worker' ? { ...service, port: 0, replicas: 0, schedule: '0 3 * * *' } : service,
    ),
  });
const amber = nightly('amber');
/** The same as it is live, after its worker ran. */
function ran(of: LiveTenant, lastRun: LastRun): LiveTenant {
  const services = of.status?.services?.map((one) => (one.name === 'worker' ? { ...one, lastRun } : one)) ?? [];
  return { ...of, status: { ...of.status, services } };
}
const fleet = (...runs: readonly LastRun[]) => fleetOf([amber], [ran(deployed(amber), runs[0] ?? FAILED)]);

describe('a run that failed', () => {
  test('is told with when it was due, and with the command that shows its logs', () => {
    const [notice] = notices(fleet());
    expect(notice).toEqual({
      kind: 'failed-runs',
      title: '1 job failed in the last run',
      items: [
        {
          subject: 'amber: worker',
          when: { verb: 'due', at: NIGHT },
          text: 'look at its logs: kubectl --namespace tenant-amber logs job/worker-29921940',
        },
      ],
    });
  });

  test('is told once of all tenants in which the same failed at the same time', () => {
    const all = ['amber', 'birch', 'cedar'].map((name) => nightly(name));
    const [first, second, third] = all.map((one) => deployed(one)) as [LiveTenant, LiveTenant, LiveTenant];
    const later = { ...FAILED, scheduledAt: '2026-11-22T04:00:00Z' };
    const [notice] = notices(fleetOf(all, [ran(first, FAILED), ran(second, FAILED), ran(third, later)]));
    expect(notice?.title).toBe('3 jobs failed in the last run');
    expect(notice?.items.map(({ subject }) => subject)).toEqual(['2 tenants: amber, birch: worker', 'cedar: worker']);
  });

  test('marks its service and its tenant, which is ready all the same', () => {
    const [one] = fleet().tenants;
    expect(one && tenantMarks(one)).toEqual(['run failed']);
    expect(one?.rows.map((row) => rowMarks(row, one))).toEqual([[], ['run failed']]);
    expect(one?.readiness.ready).toBe('True');
    expect(fleetJson(fleet()).rows[1]).toMatchObject({ schedule: '0 3 * * *', lastRun: FAILED, marks: ['run failed'] });
  });

  test.each(['Running', 'Succeeded'] as const)('is none that is %s', (result) => {
    expect(notices(fleet({ scheduledAt: NIGHT, result }))).toEqual([]);
  });
});

describe('a service with a schedule', () => {
  test('has no pods to be counted', () => {
    const text = fleetText(fleet());
    expect(text).toMatch(
      /^1 job failed in the last run: amber: worker, due 5 h ago: look at its logs: kubectl --namespace\s+tenant-amber logs job\/worker-29921940$/m,
    );
    expect(text).toMatch(/ yes +2\/2 +amber$/m);
    expect(text).toMatch(/ yes +job +run failed +amber$/m);
  });

  test('shows to later rings that its image is sound, and has to be shown it', () => {
    const rollout = { after: [{ ring: 'canary', bakeSeconds: 0 }], atOnce: '10%', unproven: 'Hold' } as const;
    const later = { ...deployed(amber), spec: { ...deployed(amber).spec, rollout } };
    const canary = deployed(nightly('birch', 'canary'));
    expect(new Proofs([canary, later]).lacking(later)).toEqual([]);
    expect(new Proofs([later]).lacking(later)).toEqual(['apiserver', 'worker']);
  });
});
