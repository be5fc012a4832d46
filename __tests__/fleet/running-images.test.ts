import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { asItRuns } from '../../lib/fleet/running-images';
import type { Condition } from '../../lib/tenant/status';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { liveTenant, READY, ROLLING } from './live-tenant-objects';

const HELD: Condition = { ...ROLLING, reason: 'RingHeld', message: 'waits for ring canary' };
const FAILED: Condition = { ...ROLLING, reason: 'MigrationFailed', message: 'the migration of apiserver failed' };
const QUEUED: Condition = { ...ROLLING, reason: 'RolloutQueued', message: 'waits for its turn' };

/** Asked for another image of the apiserver than the one that it last ran whole. */
function asked(condition: Condition, observedGeneration = 1): { live: LiveTenant; former: object } {
  const one = tenant('delta');
  const live = liveTenant(one, imagesFor([one], 'new'), { conditions: [condition], observedGeneration });
  const [before] = liveTenant(one, imagesFor([one], 'old')).spec.services;
  if (!before) throw new Error('the platform has no service');
  const { name, image, commit, release } = before;
  const services = [{ name, image, commit, release, readyReplicas: 2, replicas: 2 }];
  return { live: { ...live, status: { ...live.status, services } }, former: { name, image, commit } };
}

describe('what a tenant runs', () => {
  test.each([
    ['waits for a ring', HELD, 1],
    ['waits for its turn', QUEUED, 1],
    ['has a migration that failed', FAILED, 1],
    ['was told a moment ago, and was not looked at since', READY, 0],
  ])('is what it ran before, when it %s', (_, condition, observed) => {
    const { live, former } = asked(condition, observed);
    expect(asItRuns(live).spec.services[0]).toMatchObject(former);
    // Of the other service nothing is known but what was asked for.
    expect(asItRuns(live).spec.services[1]).toEqual(live.spec.services[1]);
  });

  test.each([
    ['is ready', READY],
    ['is on its way to it', ROLLING],
  ])('is what it was told, when it %s', (_, condition) => {
    const { live } = asked(condition);
    expect(asItRuns(live)).toEqual(live);
  });
});
