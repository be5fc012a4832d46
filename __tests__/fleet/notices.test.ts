import type { Tenant } from '../../lib/config/tenant';
import type { Fleet } from '../../lib/fleet/fleet';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { rowMarks, tenantMarks } from '../../lib/fleet/marks';
import { notices } from '../../lib/fleet/notices';
import { ImageProblem } from '../../lib/images/image-problem';
import { LockRefused } from '../../lib/images/lock';
import { imageRequests } from '../../lib/images/request';
import { imagesFor, PLATFORM, tenant } from '../stacks/pinned-platform';
import { deployed, EDITED, edited, fleetOf, inEcr, withReady } from './live-fleet';

const amber = tenant('amber', 'canary');
const birch = tenant('birch');
const both = [amber, birch];
const short = (build: string, service: string) =>
  imagesFor(both, build).findImage('amber', service).commits[0]?.slice(0, 7);

/** As a person reads them, without the times. */
function read(fleet: Fleet): Record<string, string[]> {
  return Object.fromEntries(
    notices(fleet).map(({ title, items }) => [
      title,
      items.map(({ subject, text }) => (text === undefined ? subject : `${subject}: ${text}`)),
    ]),
  );
}

describe('what is worth saying of a fleet', () => {
  test('is nothing when all of it is ready, and as the files and ECR say', () => {
    expect(notices(fleetOf(both))).toEqual([]);
  });

  test('comes in the order in which it hurts', () => {
    const live = [
      withReady(deployed(amber), 'False', 'RolloutInProgress', '1 of 2 pods'),
      edited(deployed(birch), ['host'], 'x.example.com'),
      deployed(tenant('cedar')),
    ];
    const ring = tenant('birch', 'early');
    const kinds = notices(fleetOf([amber, ring, tenant('dogwood')], live, inEcr(both, 'second'))).map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(['not-ready', 'by-hand', 'behind', 'undeployed', 'no-file', 'no-tenant']);
  });
});

describe('tenants behind what ECR has', () => {
  test('are told by what would change, with when it was pushed', () => {
    const [notice] = notices(fleetOf(both, undefined, inEcr(both, 'second')));

    expect(notice).toMatchObject({ kind: 'behind', title: '2 tenants behind' });
    expect(notice?.items).toMatchObject([
      {
        subject: `apiserver ${short('first', 'apiserver')} → ${short('second', 'apiserver')}`,
        when: { verb: 'pushed', at: '2026-11-22T07:56:00.000Z' },
      },
      { subject: `worker ${short('first', 'worker')} → ${short('second', 'worker')}` },
    ]);
  });

  test('are named when they are not all there are', () => {
    const live = [deployed(amber, 'second'), deployed(birch)];
    const told = read(fleetOf(both, live, inEcr(both, 'second')));
    expect(told).toEqual({
      '1 tenant behind': [
        `apiserver ${short('first', 'apiserver')} → ${short('second', 'apiserver')}: birch`,
        `worker ${short('first', 'worker')} → ${short('second', 'worker')}: birch`,
      ],
    });
  });

  test('are told with the releases when these differ', () => {
    const services = amber.services.map((service) => ({ ...service, release: 'releases/0.0.3' }));
    const next = { ...amber, release: 'releases/0.0.3', services };
    const told = read(fleetOf([next], [deployed(amber)], inEcr([next])));
    expect(told['1 tenant behind']?.[0]).toMatch(
      /^apiserver releases\/0.0.2 [0-9a-f]{7} → releases\/0.0.3 [0-9a-f]{7}$/,
    );
  });

  test('are told with the digests when one commit was built twice', () => {
    const { newest } = inEcr(both, 'second');
    const [commit] = imagesFor(both).findImage('amber', 'worker').commits;
    const images = newest.images.map((image) =>
      image.service === 'worker' ? { ...image, commits: [commit ?? ''] } : image,
    );
    const told = read(fleetOf(both, undefined, { newest: { ...newest, images } }));
    expect(told['2 tenants behind']?.[1]).toMatch(/^worker [0-9a-f]{7}, built anew: [0-9a-f]{12} → [0-9a-f]{12}$/);
  });

  test('are none that run nothing, being suspended', () => {
    const stopped = { ...amber, suspend: true };
    const told = read(fleetOf([stopped], [deployed(stopped)], inEcr([stopped], 'second')));
    expect(told).toEqual({ '1 tenant suspended': ['amber: its services are stopped, its data and its host are kept'] });
  });

  test('are none that run nothing, being decommissioned', () => {
    const stopped = { ...amber, decommission: true };
    const told = read(fleetOf([stopped], [deployed(stopped)], inEcr([stopped], 'second')));
    expect(told).toEqual({ '1 tenant decommissioned': ['amber: its services are stopped, its data is kept'] });
  });
});

describe('tenants that are not ready', () => {
  test('are told with the reason and since when; those that wait for a person come first', () => {
    const waiting = withReady(deployed(amber), 'False', 'RolloutInProgress', '1 of 2 pods');
    const stuck = withReady(deployed(birch), 'False', 'CredentialsMissing', 'look at the Secret');
    const conditions = [
      ...(stuck.status?.conditions ?? []),
      {
        type: 'Stalled',
        status: 'True' as const,
        reason: 'x',
        message: '',
        lastTransitionTime: '2026-11-22T07:48:00Z',
      },
    ];
    const [notice] = notices(fleetOf(both, [waiting, { ...stuck, status: { ...stuck.status, conditions } }]));

    expect(notice).toMatchObject({ kind: 'not-ready', title: '2 tenants not ready' });
    expect(notice?.items).toEqual([
      {
        subject: 'birch (waits for a person)',
        when: { at: '2026-11-22T07:48:00Z' },
        text: 'CredentialsMissing: look at the Secret',
      },
      { subject: 'amber', when: { at: '2026-11-22T07:48:00Z' }, text: 'RolloutInProgress: 1 of 2 pods' },
    ]);
  });

  test('are told together when the reason is the same', () => {
    const live = both.map((one) => withReady(deployed(one), 'False', 'DatabaseUnreachable', 'no route to host'));
    expect(read(fleetOf(both, live))).toEqual({
      '2 tenants not ready': ['2 tenants: amber, birch: DatabaseUnreachable: no route to host'],
    });
  });

  test('count among them those of which the operator has said nothing', () => {
    const { status: _, ...silent } = deployed(amber);
    expect(read(fleetOf([amber], [silent]))).toEqual({
      '1 tenant not ready': ['amber: NotObserved: the operator has not said anything about generation 1 yet'],
    });
  });
});

describe('what differs from the files', () => {
  test('names each field that somebody edited by hand, who did it and when', () => {
    const twice = edited(deployed(amber), ['host'], 'attacker.example.com');
    const [notice] = notices(fleetOf([amber], [edited(twice, ['services', 'worker', 'replicas'], 9, 'kubectl-patch')]));

    expect(notice).toMatchObject({ kind: 'by-hand', title: '1 tenant edited by hand' });
    expect(notice?.items).toEqual([
      {
        subject: 'amber: host is attacker.example.com, and should be amber.example.com',
        when: { verb: 'by kubectl-edit', at: EDITED },
      },
      { subject: 'amber: worker replicas is 9, and should be 1', when: { verb: 'by kubectl-patch', at: EDITED } },
    ]);
  });

  test('calls an image set by hand an edit, not a tenant behind', () => {
    const reference = `r/worker@sha256:${'b'.repeat(64)}`;
    const told = read(fleetOf([amber], [edited(deployed(amber), ['services', 'worker', 'image'], reference)]));
    expect(told).toEqual({
      '1 tenant edited by hand': [expect.stringMatching(/^amber: worker image is b{12}, and should be [0-9a-f]{12}$/)],
    });
  });

  test('tells what was not deployed yet from what was edited', () => {
    const moved = { ...amber, host: 'new.example.com', ring: 'early' };
    expect(read(fleetOf([moved], [deployed(amber)]))).toEqual({
      '1 tenant differs from its file, and the next run changes that': [
        'amber: host is amber.example.com, and should be new.example.com',
        'amber: ring is canary, and should be early',
      ],
    });
  });

  test('tells tenants without a file, files without a tenant, and those on their way out', () => {
    const leaving = { ...tenant('cedar'), decommission: true };
    expect(read(fleetOf([amber], [deployed(birch), deployed(leaving)]))).toEqual({
      '1 tenant without a file': ['birch: is in use. Bring birch.yaml back, or decommission it there first'],
      '1 file without a tenant': ['amber: the next run makes it, in the ring canary'],
      '1 tenant decommissioned': [
        "cedar: the next run deletes it, since its file is gone. If it is still here after that, Terraform's state has lost it: kubectl delete tenant cedar",
      ],
    });
  });
});

describe('what could not be compared', () => {
  const requests = imageRequests(PLATFORM, both).filter(({ service }) => service !== 'operator');

  test('is told once for all images with the same reason, and the cluster is told anyway', () => {
    const problems = requests.map((request) => new ImageProblem(request, 'timeout', 'ECR did not answer in time.'));
    const fleet = fleetOf(both, undefined, { newest: { images: [], problems } });

    expect(fleet.tenants.flatMap(({ rows }) => rows)).toHaveLength(4);
    expect(read(fleet)).toEqual({
      'Not everything could be compared with what ECR has now': [
        'apiserver releases/0.0.2, worker releases/0.0.2: ECR did not answer in time.',
      ],
    });
  });

  test('is one image when the others are there', () => {
    const { newest } = inEcr(both, 'second');
    const [request] = requests;
    const problems = request ? [new ImageProblem(request, 'missing-image', 'There is no such image.')] : [];
    const images = newest.images.filter(({ service }) => service !== 'apiserver');
    const told = read(fleetOf(both, undefined, { newest: { images, problems } }));
    expect(Object.keys(told)).toEqual(['2 tenants behind', expect.stringContaining('could be compared')]);
    expect(told['2 tenants behind']).toEqual([expect.stringMatching(/^worker /)]);
  });
});

describe('a platform that is frozen', () => {
  const locked = { images: imagesFor(both).images, problems: [] };
  const frozen = { frozen: '/somewhere/frozen.lock.json' };

  test('is behind what ECR has, and as its lock says', () => {
    const fleet = fleetOf(both, undefined, { ...inEcr(both, 'second'), locked }, frozen);
    expect(fleet.frozen).toBe('/somewhere/frozen.lock.json');
    expect(notices(fleet).map(({ kind }) => kind)).toEqual(['behind']);
  });

  test('is told where it is not on its lock, which the next run puts right', () => {
    const live = both.map((one) => deployed(one, 'second'));
    const told = read(fleetOf(both, live, { ...inEcr(both, 'second'), locked }, frozen));
    expect(told).toEqual({
      '2 tenants differ from their files, and the next run changes that': [
        expect.stringMatching(/^2 tenants: amber, birch: apiserver image is [0-9a-f]{12}, and should be [0-9a-f]{12}$/),
        expect.stringMatching(/^2 tenants: amber, birch: worker image is/),
      ],
    });
  });

  test('is told when its lock cannot be used', () => {
    const refused = new LockRefused('frozen.lock.json', 'there is no such file');
    const told = read(fleetOf(both, undefined, { ...inEcr(both), locked: refused }, frozen));
    expect(told).toEqual({
      'Not everything could be compared with what ECR has now': [
        'the lock: the lock frozen.lock.json is refused: there is no such file',
      ],
    });
  });
});

describe('tenants that wait for other tenants', () => {
  const waits = (one: Tenant, reason: string, message: string) =>
    withReady(deployed(one, 'second'), 'False', reason, message);
  const FOR_RING = 'waits for ring canary: amber is not ready (RolloutStuck)';

  test('are held, which is no alarm, and told apart from the one that they wait for', () => {
    const [amber, birch, cedar, elm] = [tenant('amber', 'canary'), tenant('birch'), tenant('cedar'), tenant('elm')];
    const fleet = fleetOf(
      [amber, birch, cedar, elm],
      [
        withReady(deployed(amber, 'second'), 'False', 'RolloutStuck', 'web: 0 of 2 pods'),
        waits(birch, 'RingHeld', FOR_RING),
        waits(cedar, 'RingHeld', FOR_RING),
        waits(elm, 'RolloutQueued', 'waits for its turn in ring general'),
      ],
      inEcr([amber, birch, cedar, elm], 'second'),
    );
    expect(read(fleet)).toEqual({
      '1 tenant not ready': ['amber: RolloutStuck: web: 0 of 2 pods'],
      '3 tenants held, on the images that ran before': [
        `2 tenants: birch, cedar: ${FOR_RING}`,
        'elm: waits for its turn in ring general',
      ],
    });
    expect(fleet.tenants.map(tenantMarks)).toEqual([['not ready'], ['held'], ['held'], ['held']]);
  });

  test('are marked as held, not as rolling out, while their pods run what ran before', () => {
    const birch = tenant('birch');
    const before = deployed(birch).status?.services ?? [];
    const live = waits(birch, 'RingHeld', FOR_RING);
    const images = inEcr([birch], 'second');
    const [one] = fleetOf([birch], [{ ...live, status: { ...live.status, services: before } }], images).tenants;
    if (!one) throw new Error('there is no tenant');
    expect(one.rows.map((row) => rowMarks(row, one))).toEqual([['held'], ['held']]);
  });

  test('are not ready, as anybody is, where a person has to decide', () => {
    const birch = tenant('birch');
    const live = waits(birch, 'RingHeld', 'nobody proves it');
    const stalled = {
      type: 'Stalled',
      status: 'True',
      reason: 'RingHeld',
      message: 'x',
      lastTransitionTime: '',
    } as const;
    const conditions = [...(live.status?.conditions ?? []), stalled];
    const fleet = fleetOf([birch], [{ ...live, status: { ...live.status, conditions } }], inEcr([birch], 'second'));
    expect(Object.keys(read(fleet))).toEqual(['1 tenant not ready']);
    expect(fleet.tenants.map(tenantMarks)).toEqual([['stalled', 'held']]);
  });
});

describe('a tenant that is being deleted', () => {
  test('is named, with who keeps it', () => {
    const birch = tenant('birch');
    const live = deployed(birch);
    const metadata = {
      ...live.metadata,
      deletionTimestamp: EDITED,
      finalizers: ['tenantry.dev/tenant', 'example.com/x'],
    };
    const fleet = fleetOf([birch], [{ ...live, metadata }]);
    expect(read(fleet)).toEqual({
      '1 tenant being deleted': ['birch: kept until who set them takes off tenantry.dev/tenant, example.com/x'],
    });
    expect(fleet.tenants.map(tenantMarks)).toEqual([['being deleted']]);
  });
});

describe('images that no earlier ring proves', () => {
  const pinned = tenant('birch', 'general', { release: 'releases/0.0.9' });
  const services = pinned.services.map((service) => ({ ...service, release: 'releases/0.0.9' }));
  const allowed = (one: Tenant, unproven: 'Hold' | 'Allow'): LiveTenant => {
    const live = deployed(one);
    const rollout = { after: [{ ring: 'canary', bakeSeconds: 0 }], atOnce: '10%', unproven };
    return { ...live, spec: { ...live.spec, rollout } };
  };
  const titles = (...live: readonly LiveTenant[]) =>
    notices(fleetOf([tenant('amber', 'canary'), { ...pinned, services }], live)).filter(
      ({ kind }) => kind === 'unproven',
    );

  test('are named with the tenants that take them by the word of a person', () => {
    const [notice] = titles(deployed(tenant('amber', 'canary')), allowed({ ...pinned, services }, 'Allow'));
    expect(notice).toMatchObject({
      title: '1 tenant with images that no earlier ring proves',
      items: [{ subject: 'birch: apiserver, worker', text: 'no tenant of a ring before general runs this release' }],
    });
  });

  test('are none where an earlier ring runs the release, nor where the operator holds them back', () => {
    const canary = tenant('amber', 'canary', { services });
    expect(titles(deployed(canary), allowed({ ...pinned, services }, 'Allow'))).toEqual([]);
    expect(titles(deployed(tenant('amber', 'canary')), allowed({ ...pinned, services }, 'Hold'))).toEqual([]);
  });
});
