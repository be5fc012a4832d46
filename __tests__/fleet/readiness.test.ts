import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { readiness } from '../../lib/fleet/readiness';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import type { Condition } from '../../lib/tenant/status';
import { imagesFor, tenant } from '../stacks/pinned-platform';

const lastTransitionTime = '2026-11-22T07:48:00Z';
const READY: Condition = { type: 'Ready', status: 'True', reason: 'Ready', message: 'all is well', lastTransitionTime };
const NOT_READY: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'RollingOut',
  message: '1 of 2 pods',
  lastTransitionTime,
};
const STALLED: Condition = {
  type: 'Stalled',
  status: 'True',
  reason: 'RoleConflict',
  message: 'look at the role',
  lastTransitionTime,
};

function live(name: string, observedGeneration?: number, ...conditions: Condition[]): LiveTenant {
  const { spec } = tenantManifest(tenant(name), imagesFor([tenant(name)]));
  const metadata = { name, generation: 2, creationTimestamp: '2026-11-22T06:00:00Z' };
  return { metadata, spec, ...(observedGeneration !== undefined && { status: { observedGeneration, conditions } }) };
}

test('a tenant is ready when the operator says so of its current generation', () => {
  expect(readiness(live('amber', 2, READY))).toMatchObject({ tenant: 'amber', ready: 'True', stalled: false });
  expect(readiness(live('amber', 2, NOT_READY))).toMatchObject({
    ready: 'False',
    reason: 'RollingOut',
    stalled: false,
  });
  expect(readiness(live('amber', 2, NOT_READY, STALLED))).toMatchObject({ ready: 'False', stalled: true });
});

test.each([
  ['never saw it', live('amber')],
  ['saw an earlier generation alone', live('amber', 1, READY, STALLED)],
  ['has said nothing about it', live('amber', 2)],
])('nobody knows whether it is ready when the operator %s', (_, amber) => {
  expect(readiness(amber)).toEqual({
    tenant: 'amber',
    ready: 'Unknown',
    stalled: false,
    held: false,
    reason: 'NotObserved',
    message: 'the operator has not said anything about generation 2 yet',
  });
});

test.each(['RingHeld', 'RolloutQueued'])('%s is no fault of the tenant: it is held', (reason) => {
  const held: Condition = { ...NOT_READY, reason, message: 'waits for ring canary' };
  expect(readiness(live('amber', 2, held))).toMatchObject({ ready: 'False', held: true, stalled: false });
});
