import { lookAt } from '../../lib/fleet/convergence';
import type { Health } from '../../lib/fleet/health/health';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { DECOMMISSIONED, liveTenant, READY, ROLLING, STALLED } from './live-tenant-objects';

const amber = tenant('amber', 'canary');
const images = imagesFor([amber]);
const WELL: Health = { healthy: true, reason: 'Healthy', evidence: 'answers 200' };
const LATE: Health = { healthy: false, reason: 'TimedOut', evidence: 'does not answer: it took more than 5 s' };

const look = (live: LiveTenant | undefined, health?: Health, of = amber) => lookAt(of, images, live, () => health);
const converged = (live: LiveTenant | undefined, health?: Health, of = amber) => look(live, health, of).convergence;

test('a tenant has converged when it has the images, was observed, is ready, and answers for its health', () => {
  const { convergence, questions } = look(liveTenant(amber, images), WELL);
  expect(convergence).toMatchObject({
    tenant: 'amber',
    ring: 'canary',
    converged: true,
    stalled: false,
    reason: 'Ready',
  });
  expect(convergence).not.toHaveProperty('step');
  const { digest, commits } = images.findImage('amber', 'apiserver');
  expect(questions).toEqual([
    {
      tenant: 'amber',
      service: 'apiserver',
      host: 'amber.example.com',
      path: '/apiserver/v1/health',
      digest,
      commits,
    },
  ]);
  expect(convergence.services).toEqual([
    {
      name: 'apiserver',
      commit: commits[0],
      digest,
      url: 'https://amber.example.com/apiserver/v1/health',
      health: WELL,
    },
    { name: 'worker', commit: expect.any(String), digest: expect.any(String) },
  ]);
});

test.each(['1970-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])(
  'no clock has a say: not that of an operator whose clock says %s',
  (lastTransitionTime) => {
    const live = liveTenant(amber, images, { conditions: [{ ...READY, lastTransitionTime }] });
    expect(converged(live, WELL)).toEqual(converged(liveTenant(amber, images), WELL));
  },
);

describe('a tenant is stuck', () => {
  test('where it is missing', () => {
    expect(converged(undefined)).toMatchObject({
      converged: false,
      step: 'missing',
      reason: 'Missing',
      evidence: 'it is not in the cluster',
    });
  });

  test('at its images, with the first that differs and how many more', () => {
    expect(converged(liveTenant(amber, imagesFor([amber], 'second')), WELL)).toMatchObject({
      converged: false,
      step: 'images',
      reason: 'OtherImages',
      evidence: expect.stringMatching(/^apiserver is on commit .*, and this run deploys commit .* \(and 1 more\)$/),
    });
  });

  test('at its images, where it has a service that the run does not deploy', () => {
    const live = liveTenant(amber, images);
    const [first] = live.spec.services;
    const extra = { ...live, spec: { ...live.spec, services: [...live.spec.services, { ...first, name: 'old' }] } };
    expect(converged(extra as LiveTenant, WELL)).toMatchObject({
      step: 'images',
      evidence: 'old is still there, and this run does not deploy it',
    });
  });

  test.each([
    ['an earlier generation', { observedGeneration: 0 }],
    ['nothing yet', { conditions: [] }],
  ])('until it is observed: of %s the operator has said something', (_, status) => {
    expect(converged(liveTenant(amber, images, status), WELL)).toMatchObject({
      converged: false,
      step: 'observed',
      reason: 'NotObserved',
      evidence: 'the operator has not said anything about generation 1 yet',
    });
  });

  test('until it is ready, with what its condition says, made harmless', () => {
    const rolling = { ...ROLLING, reason: 'Rollout\x1b[31m', message: 'one\n::error::two ##[error]three' };
    expect(converged(liveTenant(amber, images, { conditions: [rolling] }), WELL)).toMatchObject({
      converged: false,
      step: 'ready',
      stalled: false,
      reason: 'Rollout',
      evidence: 'one : :error::two ## [error]three',
      message: 'one : :error::two ## [error]three',
    });
  });

  test('until a person comes, where the operator says so', () => {
    const conditions = [{ ...ROLLING, reason: 'RoleConflict' }, STALLED];
    expect(converged(liveTenant(amber, images, { conditions }), WELL)).toMatchObject({ step: 'ready', stalled: true });
  });

  test('until it is asked for its health, and until it is well', () => {
    const live = liveTenant(amber, images);
    expect(converged(live)).toMatchObject({
      converged: false,
      step: 'health',
      reason: 'NotAsked',
      evidence: 'apiserver at https://amber.example.com/apiserver/v1/health was not asked yet',
    });
    expect(converged(live, LATE)).toMatchObject({
      converged: false,
      step: 'health',
      reason: 'TimedOut',
      message: 'all is well',
      evidence: 'apiserver at https://amber.example.com/apiserver/v1/health does not answer: it took more than 5 s',
    });
  });
});

describe('a tenant is asked for its health', () => {
  test.each([
    ['missing', undefined],
    ['on other images', liveTenant(amber, imagesFor([amber], 'second'))],
    ['not observed', liveTenant(amber, images, { observedGeneration: 0 })],
    ['not ready', liveTenant(amber, images, { conditions: [ROLLING] })],
  ])('by no means while it is %s', (_, live) => {
    expect(look(live).questions).toEqual([]);
  });

  test('at the host that it has, which somebody may have changed by hand', () => {
    const live = liveTenant(amber, images);
    const moved = { ...live, spec: { ...live.spec, host: 'other.example.com' } };
    expect(look(moved).questions).toMatchObject([{ host: 'other.example.com' }]);
  });

  test('unless a service has no path at the host, answers no HTTP, or has no pods', () => {
    const [apiserver] = amber.services;
    if (!apiserver) throw new Error('it has a service');
    const { path, healthPath, ...rest } = apiserver;
    for (const service of [
      { ...rest, healthPath },
      { ...rest, path },
      { ...apiserver, replicas: 0 },
    ]) {
      const other = { ...amber, services: [service as typeof apiserver] };
      expect(look(liveTenant(other, images), undefined, other)).toMatchObject({
        questions: [],
        convergence: { converged: true },
      });
    }
  });
});

describe('a tenant that its file suspends', () => {
  const suspended = { ...amber, suspend: true };
  const SUSPENDED = { ...READY, reason: 'Suspended' };

  test('has converged when the operator has stopped it, and is not asked for its health', () => {
    const live = liveTenant(suspended, images, { conditions: [SUSPENDED] });
    expect(look(live, undefined, suspended)).toMatchObject({ questions: [], convergence: { converged: true } });
  });

  test.each([
    ['still runs', liveTenant(amber, images, { conditions: [READY] }), suspended, 'suspends it'],
    ['is suspended by hand', liveTenant(suspended, images, { conditions: [SUSPENDED] }), amber, 'does not'],
  ])('is told from one that %s', (_, live, file, evidence) => {
    expect(converged(live, WELL, file)).toMatchObject({
      converged: false,
      step: 'ready',
      evidence: expect.stringContaining(`its file ${evidence}`),
    });
  });
});

describe('a tenant that its file decommissions', () => {
  const leaving = { ...amber, decommission: true };

  test('has converged when the operator has stopped it, and is not asked for its health', () => {
    const live = liveTenant(leaving, images, { conditions: [DECOMMISSIONED] });
    expect(look(live, undefined, leaving)).toMatchObject({ questions: [], convergence: { converged: true } });
  });

  test.each([
    ['still runs', liveTenant(amber, images, { conditions: [READY] }), leaving, 'decommissions it'],
    ['is decommissioned by hand', liveTenant(leaving, images, { conditions: [DECOMMISSIONED] }), amber, 'does not'],
  ])('is told from one that %s', (_, live, file, evidence) => {
    expect(converged(live, WELL, file)).toMatchObject({
      converged: false,
      step: 'ready',
      evidence: expect.stringContaining(`its file ${evidence}`),
    });
  });
});
