import { fleetJson } from '../../lib/fleet/fleet-json';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { DEPLOYED, deployed, edited, fleetOf, inEcr } from './live-fleet';

const amber = tenant('amber', 'canary');

test('a fleet for programs has a version, full commits and digests, and each image of ECR once', () => {
  const tenants = [amber, tenant('birch')];
  const json = fleetJson(fleetOf(tenants, undefined, inEcr(tenants, 'second')));
  const [running, newest] = ['first', 'second'].map((build) => imagesFor([amber], build).findImage('amber', 'worker'));
  const build = { commit: running?.commits[0], digest: running?.digest, release: 'releases/0.0.2' };

  expect(json).toMatchObject({
    version: 1,
    platform: 'acme',
    at: '2026-11-22T08:00:00.000Z',
    missing: [],
    notCompared: [],
  });
  expect(json.rows).toHaveLength(4);
  expect(json.rows[1]).toEqual({
    tenant: 'amber',
    ring: 'canary',
    service: 'worker',
    ...build,
    running: build,
    since: DEPLOYED,
    ready: 'True',
    readyPods: 1,
    pods: 1,
    newest: newest?.digest,
    behind: true,
    marks: ['behind'],
  });
  expect(json.images).toEqual([
    expect.objectContaining({ service: 'apiserver' }),
    {
      service: 'worker',
      release: 'releases/0.0.2',
      commits: newest?.commits,
      digest: newest?.digest,
      pushedAt: '2026-11-22T07:56:00.000Z',
    },
  ]);
});

test('a tenant for programs has why it is ready, and each field in which it differs', () => {
  const live = edited(deployed(amber), ['host'], 'attacker.example.com');
  const [json] = fleetJson(fleetOf([amber], [live])).tenants;
  expect(json).toEqual({
    held: false,
    unproven: [],
    tenant: 'amber',
    host: 'attacker.example.com',
    ring: 'canary',
    release: 'releases/0.0.2',
    ready: 'True',
    stalled: false,
    reason: 'Ready',
    message: 'every service runs its pinned image and is available',
    readySince: '2026-11-22T07:48:00Z',
    suspended: false,
    decommissioned: false,
    hasFile: true,
    marks: ['by hand'],
    drift: [
      {
        field: 'host',
        live: 'attacker.example.com',
        wanted: 'amber.example.com',
        byHand: true,
        writer: { manager: 'kubectl-edit', at: '2026-11-22T07:58:00Z' },
      },
    ],
  });
});

test('what could not be compared is neither behind nor not behind', () => {
  const [row] = fleetJson(fleetOf([amber], undefined, { newest: { images: [], problems: [] } })).rows;
  expect(row).not.toHaveProperty('behind');
  expect(row).not.toHaveProperty('newest');
});
