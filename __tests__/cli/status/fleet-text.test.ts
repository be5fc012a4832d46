import { fleetText } from '../../../cli/status/fleet-text';
import { refuseUnknownNames, view } from '../../../cli/status/view';
import type { LiveTenant } from '../../../lib/fleet/live-tenant';
import { deployed, edited, fleetOf, inEcr, withPods, withReady } from '../../fleet/live-fleet';
import { imagesFor, tenant } from '../../stacks/pinned-platform';

const amber = tenant('amber', 'canary');
const birch = tenant('birch');
const both = [amber, birch];
const HOSTILE =
  '\x1b[2J\x9b31m\u202eall is well\n::error::gotcha\r##[stop-commands]x <img src=x onerror=alert(1)> **b**';

describe('the status of a fleet', () => {
  test('is one line for all tenants of which the same is to be said', () => {
    expect(fleetText(fleetOf(both))).toMatch(
      new RegExp(
        [
          '^acme: 2 tenants in canary, general, at 2026-11-22 08:00:00 UTC',
          'All of it is ready, and as the files and ECR say.',
          '',
          '  COMMIT   DIGEST        RING  SINCE  READY  PODS  TENANTS',
          'apiserver releases/0.0.2',
          '  [0-9a-f]{7}  [0-9a-f]{12}  all   2 h    yes    4/4   all 2',
          'worker releases/0.0.2',
          '  [0-9a-f]{7}  [0-9a-f]{12}  all   2 h    yes    2/2   all 2$',
        ].join('\n'),
      ),
    );
  });

  test('says first what is behind, and marks it', () => {
    const text = fleetText(fleetOf(both, [deployed(amber, 'second'), deployed(birch)], inEcr(both, 'second')));
    expect(text).toMatch(
      /^1 tenant behind:\n {2}apiserver [0-9a-f]{7} → [0-9a-f]{7}, pushed 4 min ago: birch\n {2}worker .*: birch$/m,
    );
    expect(text).toMatch(/general {2}2 h {4}yes {4}2\/2 {3}behind {2}birch$/m);
  });

  test('says who edited what by hand, and when', () => {
    const live = edited(deployed(amber), ['services', 'worker', 'replicas'], 9);
    expect(fleetText(fleetOf([amber], [live]))).toContain(
      '1 tenant edited by hand: amber: worker replicas is 9, and should be 1, by kubectl-edit 2 min ago\n',
    );
  });

  test('says since when a tenant is not ready, and why', () => {
    const stuck = withReady(withPods(deployed(amber), 0), 'False', 'RolloutStuck', 'look at its pods');
    const text = fleetText(fleetOf([amber], [stuck]));
    expect(text).toContain('1 tenant not ready: amber, for 12 min: RolloutStuck: look at its pods\n');
    expect(text).toContain('\nWhat keeps it, and what to do: npx tenantry why amber\n');
    expect(text).toMatch(/ no +0\/2 +amber$/m);
  });

  test('shows both commits of a rollout, and how many pods are ready on the new one', () => {
    const before = deployed(amber);
    const services = before.status?.services?.map((service) => ({ ...service, readyReplicas: 0 }));
    const rolling = { ...deployed(amber, 'second'), status: { ...before.status, services: services ?? [] } };
    expect(fleetText(fleetOf([amber], [rolling]))).toMatch(
      /^ {2}[0-9a-f]{7}→[0-9a-f]{7} .* 0\/2 +behind, rolling out {2}amber$/m,
    );
  });

  test('says on top that the platform is frozen, and to which lock', () => {
    const locked = { images: imagesFor(both).images, problems: [] };
    const fleet = fleetOf(both, undefined, { ...inEcr(both), locked }, { frozen: '/ops/frozen.lock.json' });
    expect(fleetText(fleet).split('\n').slice(1, 4).join(' ').replace(/ +/g, ' ')).toMatch(
      /^THE PLATFORM IS FROZEN: .* Its lock is \/ops\/frozen.lock.json\./,
    );
  });

  test('is a line for each service of each tenant when that is asked for', () => {
    const lines = fleetText(fleetOf(both), { each: true }).split('\n').slice(3);
    expect(lines.map((line) => line.split(/ +/).slice(0, 4).join(' '))).toEqual([
      'TENANT RING SERVICE RELEASE',
      'amber canary apiserver releases/0.0.2',
      'amber canary worker releases/0.0.2',
      'birch general apiserver releases/0.0.2',
      'birch general worker releases/0.0.2',
    ]);
  });

  test('fits into 100 columns with a thousand tenants, and names those that differ', () => {
    const thousand = [...Array(1000).keys()].map((index) =>
      tenant(`customer-${index}`, index < 50 ? 'canary' : 'general'),
    );
    const live = thousand.map((one, index) => {
      if (index === 77) return edited(deployed(one), ['services', 'apiserver', 'replicas'], 7);
      const current = deployed(one, index < 300 ? 'second' : 'first');
      return index % 97 === 0 ? withReady(current, 'False', 'RolloutInProgress', `${index % 3} of 4 pods`) : current;
    });
    const lines = fleetText(fleetOf(thousand, live, inEcr(thousand, 'second'))).split('\n');

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.length).toBeLessThan(40);
    expect(lines.filter((line) => /by hand/.test(line) && /customer-77/.test(line))).toHaveLength(2);
    expect(lines).toContainEqual(expect.stringMatching(/^11 tenants not ready:$/));
  });

  test('names no more than ten of a kind, and says how many more there are', () => {
    const tenants = [...Array(30).keys()].map((index) => tenant(`customer-${index}`));
    const live = tenants.map((one, index) => withReady(deployed(one), 'False', 'RolloutStuck', `pod ${index}`));
    const text = fleetText(fleetOf(tenants, live));
    expect(text.match(/RolloutStuck/g)).toHaveLength(10);
    expect(text).toContain('  and 20 more; --json has them all');
  });

  test('lets nobody who may write a message speak to the terminal or to a workflow', () => {
    const live: LiveTenant = edited(withReady(deployed(amber), 'False', HOSTILE, HOSTILE), ['host'], HOSTILE, HOSTILE);
    const named = { ...live, metadata: { ...live.metadata, name: `amber${HOSTILE}` } };
    const [service] = live.spec.services;
    const renamed = {
      ...live,
      spec: {
        ...live.spec,
        ring: HOSTILE,
        services: [{ ...service, name: HOSTILE, release: HOSTILE, commit: HOSTILE }],
      },
    };
    for (const each of [false, true]) {
      const text = fleetText(fleetOf([amber], [named, renamed as LiveTenant]), { each });
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]|##\[/u);
      expect(text).not.toMatch(/^\s*::/m);
      expect(text).toContain('<img src=x onerror=alert(1)>');
    }
  });
});

describe('a question about a part of a fleet', () => {
  const fleet = fleetOf(both);

  test('about a tenant is answered with a line for each of its services', () => {
    expect(view(fleet, { tenants: ['birch'] }).text).toMatch(/^birch +general +apiserver .*\nbirch +general +worker /m);
  });

  test('about a tenant that has only a file says that it is not live', () => {
    const { text } = view(fleetOf(both, [deployed(amber)]), { tenants: ['birch'] });
    expect(text).toBe(
      'acme: nothing of that is live, at 2026-11-22 08:00:00 UTC\n1 file without a tenant: birch: the next run makes it, in the ring general',
    );
  });

  test.each([
    ['--tenant brich: there is no such tenant; did you mean "birch"?', { tenants: ['amber', 'brich'] }],
    ['--service web: there is no such service; known: apiserver, worker', { services: ['web'] }],
    ['--ring genral: there is no such ring; did you mean "general"?', { rings: ['genral'] }],
  ])('is refused: %s', (message, question) => {
    expect(() => refuseUnknownNames(fleet, question)).toThrow(message);
  });

  test('is refused without a list of a thousand names', () => {
    const many = [...Array(1000).keys()].map((index) => tenant(`customer-${index}`));
    expect(() => refuseUnknownNames(fleetOf(many), { tenants: ['nobody'] })).toThrow(
      'there is no such tenant; there are 1000',
    );
  });

  test('about a commit says where it runs', () => {
    const [commit = ''] = imagesFor(both).findImage('amber', 'worker').commits;
    const { text, found } = view(fleet, { commit: commit.slice(0, 9), rings: ['canary'] });
    expect(found).toBe(true);
    expect(text).toContain(`worker ${commit} runs in 1 of 1 tenants.\n`);
    expect(text).toMatch(/canary .* amber$/m);
  });

  test('about a commit that runs nowhere says so, and that ECR has it', () => {
    const [commit = ''] = imagesFor(both, 'second').findImage('amber', 'worker').commits;
    const { text, found } = view(fleetOf(both, undefined, inEcr(both, 'second')), { commit: commit.slice(0, 7) });
    expect(found).toBe(false);
    expect(text.replace(/\n */g, ' ')).toBe(
      `No tenant runs ${commit.slice(0, 7)}. ECR has ${commit} as the newest of worker releases/0.0.2, pushed 4 min ago: the next run deploys it.`,
    );
  });
});
