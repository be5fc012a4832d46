import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../lib/config/platform';
import { placesOf } from '../../lib/deployments/place';
import { type WantedDeployment, wantedDeployments, wantedOperator } from '../../lib/deployments/wanted-deployment';
import type { Health } from '../../lib/fleet/health/health';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { deployed, withPods, withReady } from '../fleet/live-fleet';
import { imagesFor, PLATFORM, tenant } from '../stacks/pinned-platform';

const UNWELL: Health = { healthy: false, reason: 'BadStatus', evidence: 'answers 503' };

/** What the repository of the apiserver should say, by environment. */
function wanted(
  live: readonly LiveTenant[],
  { platform = PLATFORM, unwell = [] }: { platform?: Platform; unwell?: readonly string[] } = {},
): Readonly<Record<string, WantedDeployment>> {
  const healthOf = (tenant: string) => (unwell.includes(tenant) ? UNWELL : undefined);
  const places = live.flatMap((one) => placesOf(one, platform, healthOf));
  const of = wantedDeployments(platform, places).filter(({ service }) => service === 'apiserver');
  return Object.fromEntries(of.map((one) => [one.environment, one]));
}

const commitOf = (build: string, release?: string) => {
  const one = tenant('any');
  const services = one.services.map((service) => ({ ...service, ...(release && { release }) }));
  return imagesFor([{ ...one, services }], build).findImage('any', 'apiserver').commits[0];
};

/** Asked for the second build, and still on the first. */
function asked(name: string, ring: string, reason: string, ready: 'False' | 'Unknown' = 'False'): LiveTenant {
  const { status } = withPods(deployed(tenant(name, ring)), 0);
  const live = { ...deployed(tenant(name, ring), 'second'), status: status as NonNullable<LiveTenant['status']> };
  return withReady(live, ready, reason, 'why');
}

function stalled(live: LiveTenant): LiveTenant {
  const conditions = live.status?.conditions ?? [];
  const [first] = conditions;
  if (!first) throw new Error('it has no condition');
  return {
    ...live,
    status: { ...live.status, conditions: [...conditions, { ...first, type: 'Stalled', status: 'True' }] },
  };
}

const canary = () => deployed(tenant('amber', 'canary'), 'second');

describe('what GitHub should say of a service in a ring', () => {
  test('is the commit that its tenants run, once each has it and answers', () => {
    const { 'acme/canary': one, 'acme/general': several } = wanted([
      deployed(tenant('amber', 'canary')),
      deployed(tenant('birch')),
      deployed(tenant('cedar')),
    ]);
    expect(one).toEqual({
      repository: 'acme/apiserver',
      environment: 'acme/canary',
      service: 'apiserver',
      deployed: { commit: commitOf('first'), release: 'releases/0.0.2' },
      state: 'success',
      description: 'its tenant runs it',
      url: 'https://amber.example.com/apiserver',
    });
    expect(several).toMatchObject({ state: 'success', description: 'all 2 tenants run it' });
    expect(several).not.toHaveProperty('url');
  });

  test('is the new commit, queued, as long as the ring waits for an earlier one, and what it runs stays what it says of that', () => {
    const held = asked('birch', 'general', 'RingHeld');
    expect(wanted([canary(), held])['acme/general']).toMatchObject({
      deployed: { commit: commitOf('second') },
      state: 'queued',
      description: '0 of 1 tenant run it; the others wait for an earlier ring, or for their turn',
    });
  });

  test.each([
    ['RolloutInProgress', asked('birch', 'general', 'RolloutInProgress')],
    ['NotObserved', asked('birch', 'general', 'NotObserved', 'Unknown')],
    ['Migrating', asked('birch', 'general', 'Migrating')],
  ])('is in progress where a tenant is on its way, and says how far: %s', (reason, live) => {
    const general = wanted([canary(), live, asked('cedar', 'general', 'RolloutQueued')])['acme/general'];
    expect(general).toMatchObject({ state: 'in_progress', description: `birch: ${reason}; 0 of 2 tenants run it` });
  });

  test('is a failure where only a person helps a tenant, with its name and why, whoever waits for it', () => {
    const stuck = stalled(asked('birch', 'general', 'RolloutStuck'));
    const general = wanted([canary(), stuck, asked('cedar', 'general', 'RolloutQueued')])['acme/general'];
    expect(general).toMatchObject({ state: 'failure', description: 'birch: RolloutStuck; 0 of 2 tenants run it' });
  });

  test('is a failure where it runs, and does not answer well from outside', () => {
    const live = [deployed(tenant('birch')), deployed(tenant('cedar'))];
    expect(wanted(live, { unwell: ['cedar'] })['acme/general']).toMatchObject({
      state: 'failure',
      description: 'cedar: BadStatus; 1 of 2 tenants run it',
    });
  });

  test('is a success where only another service of a tenant is not well', () => {
    const stuck = stalled(asked('birch', 'general', 'RolloutStuck'));
    const services = stuck.status?.services?.map((one) => {
      const { image, commit } =
        deployed(tenant('birch'), 'second').spec.services.find(({ name }) => name === one.name) ?? {};
      return one.name === 'apiserver' && image && commit ? { ...one, image, commit, readyReplicas: 2 } : one;
    });
    const live = { ...stuck, status: { ...stuck.status, services: services ?? [] } };
    expect(wanted([live])['acme/general']).toMatchObject({ state: 'success' });
  });

  test('is on its way where only another service of a tenant, by the word of the operator, waits for a person', () => {
    const of = (message: string, reason = 'MigrationFailed') => {
      const live = stalled(withReady(withPods(deployed(tenant('birch')), 0), 'False', reason, message));
      const { state, description } = wanted([live])['acme/general'] ?? {};
      return `${state} ${description?.split(';')[0]}`;
    };
    const migration = (name: string) =>
      `the migration of ${name} to the commit 4f0d2a6c failed: no table. Push an image`;
    const rolling = 'apiserver: 0 of 2 pods are available';
    const stuck = (name: string) =>
      `${name}: 0 of 2 pods are available; ReplicaSet "${name}-7d4" has timed out progressing.`;
    const givenUp = 'Kubernetes has given up: look at its pods';

    expect(of(`${migration('worker')}. ${rolling}`)).toBe('in_progress birch: RolloutInProgress');
    expect(of(`${stuck('worker')}; ${rolling}. ${givenUp}`, 'RolloutStuck')).toBe(
      'in_progress birch: RolloutInProgress',
    );
    expect(of(`worker stays as it is: there is no Secret worker. ${rolling}`, 'SecretMissing')).toBe(
      'in_progress birch: RolloutInProgress',
    );
    expect(of(`Kubernetes refuses the Deployment worker: too long. ${rolling}`, 'Invalid')).toBe(
      'in_progress birch: RolloutInProgress',
    );
    // A ring, or its turn, holds it: the operator says what is worse.
    expect(of(migration('worker'))).toBe('queued 0 of 1 tenant run it');

    expect(of(migration('apiserver'))).toBe('failure birch: MigrationFailed');
    expect(of(`${migration('worker')}. ${stuck('apiserver')}. ${givenUp}`)).toBe('failure birch: RolloutStuck');
    expect(of('apiserver stays as it is: it comes from the store', 'SecretStoreMissing')).toBe(
      'failure birch: SecretStoreMissing',
    );
    // Of no service: nothing of the tenant goes on.
    expect(of('the role acme-birch can not log in', 'LoginForbidden')).toBe('failure birch: LoginForbidden');
  });

  test.each([
    ['migrations.py', 'the migration of {service.name} to the commit '],
    ['secret_variables.py', '{service.name} stays as it is: '],
    ['external_secret.py', '"External Secrets is to read '],
    ['rollout.py', `lacks = f"{service.name}: {'; '.join([lacks, *seen.evidence])}"`],
    ['faults.py', `Kubernetes refuses{' the ' if what else ''}{what}: `],
  ])('is told by words that the operator uses: %s', (file, words) => {
    expect(readFileSync(join(__dirname, '../../operator/tenantry_operator', file), 'utf8')).toContain(words);
  });

  test('is what most of its tenants have of a release, and of the others it says how many they are', () => {
    const own = tenant('cedar', 'general');
    const services = own.services.map((service) => ({ ...service, release: 'releases/0.0.3' }));
    const pinned = deployed({ ...own, services });
    const two = [deployed(tenant('birch')), pinned];
    expect(wanted(two)['acme/general']).toMatchObject({
      deployed: { commit: commitOf('first'), release: 'releases/0.0.2' },
      state: 'success',
      description: 'its tenant runs it; 1 has another release',
    });
    const third = deployed({ ...own, name: 'dogwood', services });
    expect(wanted([...two, third])['acme/general']).toMatchObject({
      deployed: { commit: commitOf('first', 'releases/0.0.3'), release: 'releases/0.0.3' },
      description: 'all 2 tenants run it; 1 has another release',
    });
  });

  test('is not done where some of its tenants are asked for another commit', () => {
    const live = [deployed(tenant('birch')), deployed(tenant('cedar')), deployed(tenant('dogwood'), 'second')];
    expect(wanted(live)['acme/general']).toMatchObject({
      deployed: { commit: commitOf('first') },
      state: 'in_progress',
      description: '2 of 2 tenants run it; 1 is asked for another commit',
    });
  });

  test.each([
    ['has none', []],
    ['has but one that is decommissioned', [deployed(tenant('birch', 'general', { decommission: true }))]],
    ['has but one that is suspended', [deployed(tenant('birch', 'general', { suspend: true }))]],
  ])('is inactive where no tenant runs it: the ring %s', (_, live) => {
    expect(wanted(live)['acme/general']).toEqual({
      repository: 'acme/apiserver',
      environment: 'acme/general',
      service: 'apiserver',
      state: 'inactive',
      description: 'no tenant of the ring runs it',
    });
  });

  test('is said of each service apart where one repository builds several, and once for all processes of one image', () => {
    const [apiserver, worker] = PLATFORM.services;
    if (!apiserver || !worker) throw new Error('the platform has too few services');
    const shared = { ...PLATFORM, services: [apiserver, { ...worker, github: 'Acme@1/Apiserver@2' }] };
    const environments = (platform: Platform) =>
      wantedDeployments(platform, []).map((one) => `${one.repository} ${one.environment}`);
    expect(environments(shared).filter((one) => one.includes('canary'))).toEqual([
      'acme/apiserver acme/canary/apiserver',
      'Acme/Apiserver acme/canary/worker',
    ]);
    const process = { ...PLATFORM, services: [apiserver, { ...worker, image: 'apiserver', github: apiserver.github }] };
    expect(environments(process).filter((one) => one.includes('canary'))).toEqual(['acme/apiserver acme/canary']);
    const live = deployed(tenant('birch'));
    const behind = live.status?.services?.map((one) => (one.name === 'worker' ? { ...one, readyReplicas: 0 } : one));
    const rolling = withReady(
      { ...live, status: { ...live.status, services: behind ?? [] } },
      'False',
      'RolloutInProgress',
      '',
    );
    expect(wanted([rolling], { platform: process })['acme/general']).toMatchObject({ state: 'in_progress' });
  });

  test('is said apart from the operator, where a ring is called so and this repository builds the service', () => {
    const [apiserver, worker] = PLATFORM.services;
    if (!apiserver || !worker) throw new Error('the platform has too few services');
    const [ring] = PLATFORM.rings;
    const platform = {
      ...PLATFORM,
      rings: [{ ...ring, name: 'operator' }, ...PLATFORM.rings.slice(1)] as Platform['rings'],
      services: [{ ...apiserver, github: 'Acme/Platform@1' }, worker],
    };
    const environments = wantedDeployments(platform, []).map((one) => `${one.repository} ${one.environment}`);
    expect(environments).toContain('Acme/Platform acme/operator/apiserver');
    expect(environments).not.toContain('Acme/Platform acme/operator');
    expect(environments).toContain('Acme/Platform acme/general');
    expect(environments).toContain('acme/worker acme/operator');
  });

  test('is short enough for GitHub, whatever a tenant is called', () => {
    const stuck = stalled(asked('x'.repeat(63), 'general', 'R'.repeat(80)));
    const others = Array.from({ length: 99 }, (_, index) => asked(`a${index}`, 'general', 'RolloutQueued'));
    const { description = '' } = wanted([stuck, ...others, deployed(tenant('birch'))])['acme/general'] ?? {};
    expect(description).toContain('RRR');
    expect(description.length).toBeLessThanOrEqual(140);
  });
});

describe('what this repository should say of the operator', () => {
  const commit = '4f0d2a6c9b1e8d7c5a3f4f0d2a6c9b1e8d7c5a3f';
  const deployment = (status: object, labels: object = { 'git.sha': commit }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tenantry-operator', namespace: 'tenantry-system', generation: 2 },
    spec: { replicas: 1, template: { metadata: { labels }, spec: { containers: [{ image: 'r/o@sha256:a' }] } } },
    status,
  });
  const there = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

  test.each([
    ['success', there],
    ['in_progress', { ...there, observedGeneration: 1 }],
    ['in_progress', { ...there, replicas: 2 }],
    ['failure', { ...there, availableReplicas: 0, conditions: [{ type: 'Progressing', status: 'False' }] }],
    ['in_progress', {}],
  ])('is %s where its Deployment says %j', (state, status) => {
    expect(wantedOperator(PLATFORM, deployment(status))).toMatchObject({
      repository: 'acme/platform',
      environment: 'acme/operator',
      deployed: { commit, release: 'releases/0.0.2' },
      state,
    });
  });

  test('is nothing where there is none, or one of which nobody knows the commit', () => {
    expect(wantedOperator(PLATFORM, undefined)).toBeUndefined();
    expect(wantedOperator(PLATFORM, deployment(there, {}))).toBeUndefined();
  });
});
