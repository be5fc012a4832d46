import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyText } from '../../cli/why/why-text';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { BEING_DELETED, NEXT_STEPS, NOT_OBSERVED, RUN_FAILED } from '../../lib/fleet/next-step';
import { whyOf } from '../../lib/fleet/why';
import type { Condition, Evidence } from '../../lib/tenant/status';
import { tenant } from '../stacks/pinned-platform';
import { deployed, NOW, ready } from './live-fleet';

/** Every reason that the operator gives: a test of its own holds this file to its source. */
const REASONS: readonly string[] = JSON.parse(readFileSync(join(__dirname, '../../operator/reasons.json'), 'utf8'));

const amber = deployed(tenant('amber', 'canary'));
const kubectl = 'kubectl --namespace tenant-amber';
const SINCE = '2026-11-22T07:50:00Z';

function withConditions(...conditions: readonly Condition[]): LiveTenant {
  return { ...amber, status: { ...amber.status, conditions: [...conditions] } };
}

const condition = (type: string, status: Condition['status'], reason: string, message: string): Condition => ({
  ...ready(status, reason, message),
  type,
});

function stalled(reason: string, message: string): LiveTenant {
  return withConditions(ready('False', reason, message), condition('Stalled', 'True', reason, message));
}

function withEvidence(live: LiveTenant, changes: object, ...evidence: readonly Evidence[]): LiveTenant {
  const services = live.status?.services?.map((one) =>
    one.name === 'apiserver' ? { ...one, ...changes, evidence: [...evidence] } : one,
  );
  return { ...live, status: { ...live.status, services: services ?? [] } };
}

const BEFORE = '1b67b37'.padEnd(40, '0');
const CRASH: Evidence = {
  cause: 'its container ended with the exit code 1; it is started again and again',
  since: SINCE,
  commit: 'bad0bad'.padEnd(40, '0'),
  said: ['connecting to postgresql://tenant_amber:***@db', 'Error: connect ECONNREFUSED'],
};
const STUCK =
  'apiserver: 1 of 4 pods have the new image. Kubernetes has given up: look at its pods, then push an image that comes up';

/** What the operator says, as it says it, and what follows from that. Of a reason that is not here, the message tells nothing. */
const SAID: readonly (readonly [reason: string, message: string, next: string])[] = [
  ['RolloutInProgress', 'apiserver: 1 of 4 pods are available', 'npx tenantry status --tenant amber --watch'],
  ['RolloutStuck', STUCK, `${kubectl} describe pods`],
  [
    'Migrating',
    `apiserver: its migration runs (${kubectl} logs job/apiserver-migrate-0a1b2c3d4e5f6071)`,
    `${kubectl} logs job/apiserver-migrate-0a1b2c3d4e5f6071`,
  ],
  [
    'MigrationFailed',
    `the migration of apiserver to the commit 256b5b0a failed: kubectl delete namespace default | rm -rf /. What ran before runs on. All that it said: ${kubectl} logs job/apiserver-migrate-0a1b. Push an image that is mended; or, to run this one again: ${kubectl} delete job apiserver-migrate-0a1b (the operator makes it anew)`,
    `${kubectl} get jobs --selector tenantry.dev/migration`,
  ],
  [
    'RingHeld',
    'waits for ring canary: northwind is not ready (RolloutStuck: apiserver: no) and 2 others',
    'npx tenantry why northwind',
  ],
  [
    'RingHeld',
    'waits for ring canary: all is well there, and has to be so until 04:31 UTC',
    'npx tenantry status --tenant amber --watch',
  ],
  [
    'RolloutQueued',
    'waits for its turn in ring general, where at most 1 may roll at once. Now: globex (RolloutInProgress: no)',
    'npx tenantry why globex',
  ],
  [
    'SecretMissing',
    `apiserver stays as it is: there is no Secret stripe with the key api-key (STRIPE_KEY). Make it: ${kubectl} create secret generic stripe --from-literal=api-key="\${STRIPE_KEY:?}"`,
    `${kubectl} create secret generic stripe --from-literal=api-key="\${STRIPE_KEY:?}"`,
  ],
  [
    'CredentialsMissing',
    `the Secret is gone. Restore it, or give the role a new password: ${kubectl} create secret generic tenantry-credentials --type=kubernetes.io/basic-auth --from-literal=username=tenant_amber --from-literal=password="$(openssl rand -hex 32)"`,
    `${kubectl} create secret generic tenantry-credentials --type=kubernetes.io/basic-auth --from-literal=username=tenant_amber --from-literal=password="$(openssl rand -hex 32)"`,
  ],
  [
    'DatabaseForbidden',
    'the server refuses the operator: permission denied. Its role needs CREATEROLE and CREATEDB: ALTER ROLE "op" CREATEROLE CREATEDB',
    `psql "\${DATABASE_URL:?}" --command 'ALTER ROLE "op" CREATEROLE CREATEDB'`,
  ],
  [
    'DatabaseMissing',
    'the database tenant_amber was there and is not on db. Restore it from a backup, or, to begin without any data: CREATE DATABASE "tenant_amber" OWNER "tenant_amber"',
    `psql "\${DATABASE_URL:?}" --list`,
  ],
  [
    'AdministratorRefused',
    `db does not let in op. Put the URL with the right password into the Secret: kubectl --namespace tenantry-system patch secret tenantry-database --patch "{\\"stringData\\": {\\"url\\": \\"\${DATABASE_URL:?}\\"}}". It is read anew`,
    `kubectl --namespace tenantry-system patch secret tenantry-database --patch "{\\"stringData\\": {\\"url\\": \\"\${DATABASE_URL:?}\\"}}"`,
  ],
  [
    'HostConflict',
    'the host a.example.com belongs to the tenant globex. Give one of the two another host',
    'npx tenantry status --tenant amber --tenant globex --why',
  ],
  [
    'Immutable',
    `the Service must have another field, so choose when: ${kubectl} delete service apiserver`,
    `${kubectl} delete service apiserver`,
  ],
  [
    'BadStatus',
    'apiserver at https://amber.example.com/apiserver/v1/health answers 503: no database',
    "curl --verbose 'https://amber.example.com/apiserver/v1/health'",
  ],
  [
    'HostUnknown',
    'apiserver at https://amber.example.com/health is at no address: DNS does not know the host',
    "dig 'amber.example.com'",
  ],
  [
    'ServiceUnavailable',
    'Kubernetes refuses the Deployment api: no',
    'kubectl --namespace tenantry-system logs deployment/tenantry-operator --since 1h',
  ],
  [
    'WallMissing',
    'Kubernetes refuses the NetworkPolicy egress: admission webhook "policies.example.com" denied the request: no',
    `${kubectl} get networkpolicies,limitranges,resourcequotas --output yaml --show-managed-fields`,
  ],
  [
    'WallMissing',
    'the operator lacks rights: limitranges is forbidden. A cluster administrator gives them: npx cdktf deploy operator',
    'npx cdktf deploy operator',
  ],
  ...REASONS.map((reason) => [reason, 'as the operator says', expect.any(String) as unknown as string] as const),
];

describe('why a tenant is not ready', () => {
  test('has a next step for every reason that the operator gives, and for no other', () => {
    expect(Object.keys(NEXT_STEPS).sort()).toEqual([...REASONS, BEING_DELETED, NOT_OBSERVED].sort());
  });

  test.each(SAID)('%s: what to type next can be pasted, and stands last', (reason, message, next) => {
    const why = whyOf(stalled(reason, message));
    expect(why.problems).toEqual([expect.objectContaining({ reason, message, next })]);
    const command = why.problems[0]?.next ?? '';
    const lines = whyText(why, NOW).split('\n');
    expect(lines.at(-1)).toBe(`next: ${command}`);
    expect(lines[0]).toBe('amber is not ready, for 12 min (waits for a person)');
    expect(command).not.toMatch(/[<>]|undefined/);
    execFileSync('bash', ['-n', '-c', command]);
  });

  test('says what ended, its last lines, what answers meanwhile, and how to go back to that', () => {
    const live = withEvidence(stalled('RolloutStuck', STUCK), { commit: BEFORE, answering: BEFORE }, CRASH);
    expect(whyText(whyOf(live), NOW).split('\n')).toEqual([
      'amber is not ready, for 12 min (waits for a person)',
      '',
      'RolloutStuck, for 12 min: apiserver: 1 of 4 pods have the new image. Kubernetes has given up: look',
      '  at its pods, then push an image that comes up',
      '  apiserver bad0bad; 1b67b37 answers meanwhile',
      '    its container ended with the exit code 1; it is started again and again, for 10 min',
      '      | connecting to postgresql://tenant_amber:***@db',
      '      | Error: connect ECONNREFUSED',
      'next: npx tenantry freeze --pin apiserver=1b67b3700000',
    ]);
    expect(whyOf(live, () => 'api').problems[0]?.next).toContain('--pin api=');
  });

  test.each([
    [
      'its pods are gone, as after a time in which it was suspended',
      { commit: BEFORE, answering: '' },
      '; nothing answers meanwhile',
    ],
    ['it has never been ready', { commit: undefined, answering: '' }, '; nothing answers meanwhile'],
    ['the operator does not say, as one of before', { commit: BEFORE }, ''],
    [
      'pods of a third commit do',
      { commit: BEFORE, answering: 'c0ffee'.padEnd(40, '0') },
      '; c0ffee0 answers meanwhile',
    ],
    ['others of the same commit do', { commit: BEFORE, answering: CRASH.commit }, '; others of its pods answer'],
  ])('says that what ran before answers only where it does: %s', (_, changes, meanwhile) => {
    const text = whyText(whyOf(withEvidence(stalled('RolloutStuck', STUCK), changes, CRASH)), NOW);
    expect(text).toContain(`\n  apiserver bad0bad${meanwhile}\n`);
  });

  test('goes back to what ran before, or looks at pods, where nothing answers, though Kubernetes has not given up', () => {
    const message = 'apiserver: 0 of 1 pods are available';
    const next = (changes: object) =>
      whyOf(withEvidence(stalled('RolloutInProgress', message), changes, CRASH)).problems[0]?.next;
    expect(next({ commit: BEFORE, answering: '' })).toBe('npx tenantry freeze --pin apiserver=1b67b3700000');
    expect(next({ commit: undefined, answering: '' })).toContain('describe pods');
    expect(next({ commit: BEFORE, answering: BEFORE })).toBe('npx tenantry status --tenant amber --watch');
  });

  test('names no image that answers where the one that runs is ill itself', () => {
    const evidence = { ...CRASH, commit: BEFORE };
    const live = withEvidence(
      stalled('RolloutInProgress', 'apiserver: 1 of 4 pods are available'),
      { commit: BEFORE },
      evidence,
    );
    const [problem] = whyOf(live).problems;
    expect(problem?.services).toEqual([{ service: 'apiserver', commit: BEFORE, evidence: [evidence] }]);
    expect(problem?.next).toBe(`${kubectl} describe pods --selector app.kubernetes.io/name=apiserver`);
  });

  test('says each problem once, what matters most first, and shows pods at what services lack', () => {
    const live = withConditions(
      ready('False', 'DatabaseForbidden', 'no right'),
      condition('DatabaseReady', 'False', 'DatabaseForbidden', 'no right'),
      condition('ServicesReady', 'False', 'RolloutStuck', STUCK),
      condition('Healthy', 'False', 'BadStatus', 'apiserver at https://amber.example.com/health answers 503: no'),
      condition('Stalled', 'True', 'DatabaseForbidden', 'no right'),
    );
    const { problems } = whyOf(withEvidence(live, { commit: BEFORE }, CRASH));
    expect(problems.map(({ reason, services }) => [reason, services.length])).toEqual([
      ['DatabaseForbidden', 0],
      ['RolloutStuck', 1],
      ['BadStatus', 0],
    ]);
  });

  test('is one line for a tenant that is well', () => {
    expect(whyText(whyOf(amber), NOW)).toBe(
      'amber is ready, for 12 min: every service runs its pinned image and is available',
    );
  });

  test('says of one that is ready which job failed in its last run, and how to run it again', () => {
    const lastRun = { scheduledAt: '2026-11-22T03:00:00Z', result: 'Failed' } as const;
    const text = whyText(whyOf(withEvidence(amber, { lastRun }, CRASH)), NOW);
    expect(text).toContain('\n\nRunFailed, for 5 h: the last run of apiserver failed\n');
    expect(text).toContain('      | Error: connect ECONNREFUSED\n');
    expect(text).toMatch(
      /next: kubectl --namespace tenant-amber create job "apiserver-\$\(date \+%s\)" --from=cronjob\/apiserver$/,
    );
    const silent = whyOf(withEvidence(amber, { lastRun }));
    expect(silent.problems).toMatchObject([{ reason: RUN_FAILED, next: `${kubectl} logs job/apiserver-29921940` }]);
  });

  test('says nothing old of a specification that the operator has not looked at', () => {
    const live = withEvidence(stalled('RolloutStuck', STUCK), {}, CRASH);
    const why = whyOf({ ...live, metadata: { ...live.metadata, generation: 2 } });
    expect(why.problems).toMatchObject([{ reason: NOT_OBSERVED, next: 'npx tenantry doctor', services: [] }]);
  });

  test('names who keeps a tenant that is being deleted', () => {
    const metadata = { ...amber.metadata, deletionTimestamp: SINCE, finalizers: ['acme.com/backup'] };
    expect(whyText(whyOf({ ...amber, metadata }), NOW)).toContain('until who set them takes off acme.com/backup');
  });

  test('does nothing to a terminal, whatever a service wrote', () => {
    const said = ['\x1b[2J\u202eall is well', '::error::gotcha', '\x07'];
    const live = withEvidence(stalled('RolloutStuck', STUCK), {}, { ...CRASH, said });
    const text = whyText(whyOf(live), NOW);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]|^::/m);
  });

  test('cuts what is very long, and never the command', () => {
    const lines = whyText(
      whyOf(stalled('Immutable', `${'word '.repeat(500)}: ${kubectl} delete service apiserver`)),
      NOW,
    ).split('\n');
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.at(-1)).toBe(`next: ${kubectl} delete service apiserver`);
  });
});
