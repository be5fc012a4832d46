import type { Tenant } from '../../lib/config/tenant';
import type { HealthAnswer } from '../../lib/fleet/health/ask-health';
import type { HealthQuestion } from '../../lib/fleet/health/health-question';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { type LiveTenants, type Verification, verify } from '../../lib/fleet/verify';
import { imagesFor, tenant } from '../stacks/pinned-platform';
import { liveTenant, READY, ROLLING, STALLED } from './live-tenant-objects';

/** Tenants that a test changes while they are waited for. */
class ChangingTenants implements LiveTenants {
  private wake: () => void = () => undefined;
  private hasNews = false;
  waits = 0;

  constructor(public all: readonly LiveTenant[]) {}

  become(all: readonly LiveTenant[]): void {
    this.all = all;
    this.hasNews = true;
    this.wake();
  }

  async change(milliseconds: number): Promise<void> {
    this.waits++;
    if (!this.hasNews)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.hasNews = false;
  }
}

const fleet = [tenant('amber'), tenant('birch'), tenant('cedar')];
const images = imagesFor(fleet);
const ready = (tenants: readonly Tenant[] = fleet) => tenants.map((one) => liveTenant(one, images));
const OK: HealthAnswer = { status: 200, statusText: 'OK', body: '' };
const DOWN: HealthAnswer = { status: 503, statusText: 'Service Unavailable', body: '' };
const HOUR = { attempts: 2, interval: 3600 };
const QUICK = { attempts: 3, interval: 0.05 };

interface Case {
  readonly live?: LiveTenants;
  readonly tenants?: readonly Tenant[];
  readonly answer?: (question: HealthQuestion, time: number) => HealthAnswer | Promise<HealthAnswer>;
  readonly patience?: { readonly attempts: number; readonly interval: number };
  readonly unseenSeconds?: number;
  readonly onLook?: (verification: Verification) => void;
}

/** Verifies, and counts how often each tenant was asked for its health. */
async function verified({ live = new ChangingTenants(ready()), tenants = fleet, answer = () => OK, ...options }: Case) {
  const asked: Record<string, number> = {};
  const ask = async (question: HealthQuestion) => {
    asked[question.tenant] = (asked[question.tenant] ?? 0) + 1;
    return answer(question, asked[question.tenant] as number);
  };
  const verification = await verify({ tenants, images, live, ask, patience: QUICK, unseenSeconds: 0, ...options });
  const stuck = Object.fromEntries(
    verification.tenants.flatMap(({ tenant, converged, step }) => (converged ? [] : [[tenant, step]])),
  );
  return { asked, stuck, ...verification };
}

describe('tenants', () => {
  test('that have converged are asked for their health once, and nothing is waited for', async () => {
    const { asked, stuck, attempt } = await verified({ patience: HOUR });
    expect({ asked, stuck, attempt }).toEqual({ asked: { amber: 1, birch: 1, cedar: 1 }, stuck: {}, attempt: 1 });
  });

  test('are asked again in each attempt while they are not well, and those that are well are not', async () => {
    const { asked, stuck, attempt, tenants } = await verified({
      answer: ({ tenant }, time) => (tenant === 'birch' || (tenant === 'cedar' && time < 2) ? DOWN : OK),
    });
    expect({ asked, stuck, attempt }).toEqual({
      asked: { amber: 1, birch: 3, cedar: 2 },
      stuck: { birch: 'health' },
      attempt: 3,
    });
    expect(tenants[1]?.evidence).toMatch(/^apiserver at https:.* answers 503: Service Unavailable$/);
  });

  test('are asked as soon as the cluster says that they are ready, whenever the next attempt would be', async () => {
    const live = new ChangingTenants([
      ...ready(fleet.slice(0, 2)),
      liveTenant(tenant('cedar'), images, { conditions: [ROLLING] }),
    ]);
    const answer = ({ tenant }: HealthQuestion) => {
      if (tenant === 'birch') setImmediate(() => live.become(ready()));
      return OK;
    };
    const { asked, stuck, attempt } = await verified({ live, answer, patience: HOUR });
    expect({ asked, stuck, attempt }).toEqual({ asked: { amber: 1, birch: 1, cedar: 1 }, stuck: {}, attempt: 1 });
  });

  test('are asked no oftener because others change', async () => {
    const live = new ChangingTenants(ready());
    const chatter = setInterval(() => live.become(ready()), 1);
    const { asked } = await verified({ live, answer: () => DOWN, patience: { attempts: 2, interval: 0.2 } });
    clearInterval(chatter);
    expect(live.waits).toBeGreaterThan(5);
    expect(asked).toEqual({ amber: 2, birch: 2, cedar: 2 });
  });

  test('that wait for a person are not waited for', async () => {
    const stalled = liveTenant(tenant('birch'), images, { conditions: [ROLLING, STALLED] });
    const live = new ChangingTenants([stalled, ...ready([tenant('amber'), tenant('cedar')])]);
    const { stuck, attempt } = await verified({ live, patience: HOUR });
    expect({ stuck, attempt, waits: live.waits }).toEqual({ stuck: { birch: 'ready' }, attempt: 1, waits: 0 });
  });

  test('that need a person are waited for as long as the operator may not have seen that it is done', async () => {
    const stalled = liveTenant(tenant('birch'), images, { conditions: [ROLLING, STALLED] });
    const others = ready([tenant('amber'), tenant('cedar')]);
    const live = new ChangingTenants([stalled, ...others]);
    setTimeout(() => live.become(ready()), 20);
    const patience = { attempts: 1_000, interval: 0.05 };
    expect(await verified({ live, patience, unseenSeconds: 60 })).toMatchObject({ stuck: {}, asked: { birch: 1 } });

    live.become([stalled, ...others]);
    expect(await verified({ live, patience, unseenSeconds: 0.2 })).toMatchObject({ stuck: { birch: 'ready' } });
  });

  test('that wait for a person are told once all others have come as far as they do', async () => {
    const stalled = liveTenant(tenant('birch'), images, { conditions: [ROLLING, STALLED] });
    const live = new ChangingTenants([stalled]);
    setTimeout(() => live.become([stalled, ...ready([tenant('amber'), tenant('cedar')])]), 20);
    const { stuck } = await verified({ live, patience: HOUR });
    expect(stuck).toEqual({ birch: 'ready' });
  });

  test('are looked at once where there is one attempt', async () => {
    const live = new ChangingTenants(ready(fleet.slice(1)));
    const { stuck } = await verified({ live, patience: { attempts: 1, interval: 3600 } });
    expect(stuck).toEqual({ amber: 'missing' });
    expect(live.waits).toBe(0);
  });

  test('of which some fell behind again are not said to have converged', async () => {
    const live = new ChangingTenants(ready());
    const answer = ({ tenant }: HealthQuestion, time: number) => {
      if (tenant === 'cedar' && time === 2)
        live.all = [liveTenant(fleet[0] as Tenant, images, { conditions: [ROLLING] }), ...ready(fleet.slice(1))];
      return tenant === 'cedar' && time === 1 ? DOWN : OK;
    };
    const { stuck } = await verified({ live, answer });
    expect(stuck).toEqual({ amber: 'ready' });
  });

  test('that are none have converged', async () => {
    expect(await verified({ tenants: [], patience: HOUR })).toMatchObject({ tenants: [], attempt: 1 });
  });

  test('are asked many at a time, and never too many', async () => {
    const many = Array.from({ length: 200 }, (_, index) => tenant(`tenant${index}`));
    const manyImages = imagesFor(many);
    let [open, most] = [0, 0];
    const ask = async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      return OK;
    };
    const live = new ChangingTenants(many.map((one) => liveTenant(one, manyImages)));
    await verify({ tenants: many, images: manyImages, live, ask, patience: HOUR, unseenSeconds: 0 });
    expect(most).toBe(64);
  });

  test('whose hosts hang do not make it much longer than it should be', async () => {
    const hang = () => new Promise<HealthAnswer>((resolve) => setTimeout(() => resolve(DOWN), 160));
    const { attempt, asked } = await verified({ answer: hang, patience: { attempts: 10, interval: 0.03 } });
    expect(attempt).toBe(2);
    expect(asked).toEqual({ amber: 2, birch: 2, cedar: 2 });
  });
});

describe('a page of somebody else', () => {
  const introduced = (tenant: string): HealthAnswer => ({
    ...OK,
    body: JSON.stringify({ tenant, service: 'apiserver' }),
  });
  const page: HealthAnswer = { ...OK, body: '<html>' };

  test.each([
    ['first', 'amber', 'birch'],
    ['last', 'birch', 'amber'],
  ])('is found out by what the same image answers for another tenant, also when it answers %s', async (_, ...order) => {
    const [strange, good] = order;
    const conditions = (name: string) => (name === order[0] ? [READY] : [ROLLING]);
    const tenants = [tenant('amber'), tenant('birch')];
    const live = new ChangingTenants(
      tenants.map((one) => liveTenant(one, images, { conditions: conditions(one.name) })),
    );
    setTimeout(() => live.become(ready(tenants)), 10);
    const answer = ({ tenant }: HealthQuestion) => (tenant === strange ? page : introduced(good as string));
    const { stuck, tenants: found } = await verified({
      live,
      tenants,
      answer,
      patience: { attempts: 2, interval: 0.1 },
    });

    expect(stuck).toEqual({ [strange as string]: 'health' });
    expect(found.find(({ tenant }) => tenant === strange)?.reason).toBe('NotItsAnswer');
  });
});

test('whoever looks on is told how far all are, and how long it takes', async () => {
  const looks: Verification[] = [];
  await verified({
    answer: ({ tenant }, time) => (tenant === 'amber' && time < 3 ? DOWN : OK),
    onLook: (look) => looks.push(look),
  });
  const counts = looks.map(({ tenants, attempt }) => [attempt, tenants.filter(({ converged }) => converged).length]);
  expect(counts[0]).toEqual([1, 0]);
  expect(counts.at(-1)).toEqual([3, 3]);
  expect(looks.at(-1)).toMatchObject({ attempts: 3, seconds: 0 });
});
