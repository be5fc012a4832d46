import { findCommit } from '../../lib/fleet/commit-search';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { deployed, fleetOf, inEcr } from './live-fleet';

const amber = tenant('amber', 'canary');
const birch = tenant('birch');
const both = [amber, birch];
const commitOf = (build: string, service = 'worker') =>
  imagesFor(both, build).findImage('amber', service).commits[0] as string;
const tenantsOf = ({ fleet }: ReturnType<typeof findCommit>) => fleet.tenants.map(({ tenant }) => tenant);

describe('a commit', () => {
  const halfway = fleetOf(both, [deployed(amber, 'second'), deployed(birch)], inEcr(both, 'second'));

  test('is found by its first digits, with the service and the tenants that run it', () => {
    const search = findCommit(halfway, commitOf('second').slice(0, 7));
    const expected = { service: 'worker', commit: commitOf('second'), tenants: 1, rollingOut: 0, of: 2 };
    expect(search.found).toEqual([expected]);
    expect(tenantsOf(search)).toEqual(['amber']);
    expect(search.fleet.tenants[0]?.rows.map(({ service }) => service)).toEqual(['worker']);
  });

  test('is found where it is on its way to, and where it still runs until then', () => {
    const rolling = { ...deployed(birch, 'second'), status: deployed(birch).status as object };
    const fleet = fleetOf(both, [deployed(amber), rolling]);

    expect(findCommit(fleet, commitOf('first')).found).toMatchObject([{ tenants: 2, rollingOut: 1 }]);
    expect(findCommit(fleet, commitOf('second')).found).toMatchObject([{ tenants: 1, rollingOut: 1 }]);
  });

  test('is found by any of the commits that its image was built from', () => {
    const other = 'b'.repeat(40);
    const { newest } = inEcr(both);
    const images = newest.images.map((image) => ({ ...image, commits: [...image.commits, other] }));
    const search = findCommit(fleetOf(both, undefined, { newest: { images, problems: [] } }), 'bbbbbbb');
    expect(search.found).toMatchObject([
      { service: 'apiserver', commit: other, tenants: 2 },
      { service: 'worker', commit: other, tenants: 2 },
    ]);
  });

  test('that runs nowhere yet is told to wait in ECR', () => {
    const fleet = fleetOf(both, undefined, inEcr(both, 'second'));
    const search = findCommit(fleet, commitOf('second'));
    const waiting = { service: 'worker', release: 'releases/0.0.2', commit: commitOf('second') };
    expect(search).toMatchObject({ found: [], waiting: [waiting] });
    expect(tenantsOf(search)).toEqual([]);
  });

  test('that nobody knows is nowhere', () => {
    expect(findCommit(halfway, 'fffffff')).toMatchObject({ found: [], waiting: [] });
  });
});
