import { until } from '../until';
import { watchClaims } from './claims';
import { Lab } from './lab';
import { service, tenantObject } from './tenant-object';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

/** Seconds in which a tenant is told that its host is free, and answers there: no timer is as quick. */
const SOON = 15;

describe('the host of a tenant', () => {
  let lab: Lab;
  let claims: ReturnType<typeof watchClaims>;
  beforeAll(async () => {
    lab = await Lab.create();
    claims = watchClaims(lab);
    await lab.start();
  });
  afterAll(async () => {
    await claims?.end();
    await lab?.remove();
  });
  afterEach(() => lab.writes.reset());

  const ingress = (tenant: string) => `/apis/networking.k8s.io/v1/namespaces/tenant-${tenant}/ingresses/tenant`;
  const get = async (path: string): Promise<Live> => (await lab.api.request('GET', path)).body;
  const asking = (name: string, host: string) => tenantObject(name, { host, services: [service('api')] });
  const setFinalizers = async (path: string, finalizers: readonly string[]) =>
    expect((await lab.api.request('PATCH', path, { metadata: { finalizers } })).status).toBe(200);
  const answersAt = async (tenant: string) => (await get(ingress(tenant))).spec?.rules[0].host;
  const untilAnswers = (tenant: string, host: string) =>
    until(`${tenant} answers at ${host}`, async () => (await answersAt(tenant)) === host, SOON);
  const untilConflict = async (tenant: string) => (await lab.untilReason(tenant, 'HostConflict')).message;
  const stillThere = (holder: string, host: string) =>
    `the tenant ${holder} still answers at the host ${host}, which it is to leave. As soon as it has, the host is this tenant's`;

  test('stays that of a decommissioned tenant whose Ingress does not go, and is the newcomer’s as soon as it has gone', async () => {
    const host = 'one.example.org';
    await lab.apply(asking('retired', host));
    await lab.untilReady('retired');
    await setFinalizers(ingress('retired'), ['example.com/load-balancer']);
    await lab.change('retired', { decommission: true });
    await until(
      'its Ingress is on its way out',
      async () => (await get(ingress('retired'))).metadata.deletionTimestamp,
    );

    await lab.apply(asking('newcomer', host));
    expect(await untilConflict('newcomer')).toBe(stillThere('retired', host));
    expect((await get(ingress('newcomer'))).code).toBe(404);
    // Its services run, ready for the day when it has a host.
    await lab.untilReason('newcomer', 'ServicesReady', 'ServicesReady');

    // An operator that is started anew finds the same.
    lab.kill();
    await lab.start();
    await lab.change('newcomer', { services: [service('api', 2)] });
    expect(await untilConflict('newcomer')).toBe(stillThere('retired', host));

    await setFinalizers(ingress('retired'), []);
    await untilAnswers('newcomer', host);
    await lab.untilReady('newcomer');
  });

  test('stays that of a tenant which moves away, until its Ingress has moved', async () => {
    await lab.apply(asking('mover', 'two.example.org'));
    await lab.untilReady('mover');
    const refusal = {
      status: 500,
      body: { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd is away' },
    };
    lab.writes.intercept(({ what }) => (what.includes('tenant-mover/ingresses') ? refusal : 'pass'));
    await lab.change('mover', { host: 'three.example.org' });
    await lab.apply(asking('follower', 'two.example.org'));
    expect(await untilConflict('follower')).toBe(stillThere('mover', 'two.example.org'));
    // What it asked for and did not get yet is no other's either.
    await lab.apply(asking('rival', 'three.example.org'));
    expect(await untilConflict('rival')).toBe(
      'the host three.example.org belongs to the tenant mover. Give one of the two another host',
    );

    lab.writes.reset();
    await until('the mover has moved', async () => (await answersAt('mover')) === 'three.example.org');
    await untilAnswers('follower', 'two.example.org');
    await lab.untilReady('mover', 'follower');
    await untilConflict('rival');
  });

  test('that a tenant lost to another is its own within seconds when the other asks for it no more', async () => {
    // Of the test before: the mover answers there.
    await lab.change('mover', { host: 'four.example.org' });
    await untilAnswers('rival', 'three.example.org');
    await lab.untilReady('rival', 'mover');

    await lab.apply(asking('loser', 'four.example.org'));
    await untilConflict('loser');
    await lab.change('mover', { decommission: true });
    await untilAnswers('loser', 'four.example.org');
    await lab.delete('mover');
    await lab.untilReady('loser');
  });

  test('changes hands where two tenants trade theirs', async () => {
    const [five, six] = ['five.example.org', 'six.example.org'];
    await lab.apply(asking('buyer', five));
    await lab.apply(asking('seller', six));
    await lab.untilReady('buyer', 'seller');
    await lab.change('buyer', { host: six });
    await lab.change('seller', { host: five });
    await untilAnswers('buyer', six);
    await untilAnswers('seller', five);
    await lab.untilReady('buyer', 'seller');
  });

  test('is one tenant’s where nobody heard that its Ingress was written, though an older one asks for it', async () => {
    const host = 'seven.example.org';
    await lab.apply(asking('elder', 'elder.example.org'));
    await lab.untilReady('elder');
    let written = 0;
    lab.writes.intercept(({ what }, _, moment) => {
      if (moment !== 'after' || written === 2 || !what.includes('tenant-younger/ingresses')) return 'pass';
      written += 1;
      return 'cut one';
    });
    await lab.apply(asking('younger', host));
    await until('it was written', () => written > 0);
    await lab.change('elder', { host });
    await untilConflict('elder');
    await lab.untilReady('younger');
    expect(await answersAt('younger')).toBe(host);
  });

  test('stays that of a namespace which runs on though its Tenant is gone; that is reported, until the Tenant is back', async () => {
    const host = 'eight.example.org';
    await lab.apply(asking('orphan', host));
    await lab.untilReady('orphan');
    const binding =
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/tenants-are-decommissioned-first.tenantry.dev';
    await lab.api.request('DELETE', binding);
    // While nobody looks: the operator would put it back.
    lab.kill();
    await setFinalizers('/apis/tenantry.dev/v1/tenants/orphan', []);
    await until('it is gone', async () => {
      await lab.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/orphan');
      return (await lab.tenant('orphan')) === undefined;
    });
    await lab.start();
    const reported =
      'the namespace tenant-orphan runs on without a Tenant, and nobody decommissioned it. Bring back orphan.yaml and deploy';
    await until('it is reported', () => lab.output().includes(reported));
    expect(await lab.metric('tenantry_orphans')).toBe(1);

    await lab.apply(asking('heir', host));
    expect(await untilConflict('heir')).toBe(stillThere('orphan', host));
    const { status } = await get('/apis/apps/v1/namespaces/tenant-orphan/deployments/api');
    expect(status.availableReplicas).toBe(1);

    const secret = '/api/v1/namespaces/tenant-orphan/secrets/tenantry-credentials';
    const { data } = await get(secret);
    await lab.apply(asking('orphan', host));
    await lab.untilReady('orphan');
    expect((await get(secret)).data).toEqual(data);
    expect(await lab.metric('tenantry_orphans')).toBe(0);
    // It has answered there all the time.
    await untilConflict('heir');
  });

  test('stays that of a Tenant which disappears while an operator looks', async () => {
    const host = 'nine.example.org';
    await lab.apply(asking('vanishing', host));
    await lab.untilReady('vanishing');
    // What the operator writes to it comes too late.
    lab.writes.intercept(({ what }) => (what.includes('tenants/vanishing') ? 'cut one' : 'pass'));
    await setFinalizers('/apis/tenantry.dev/v1/tenants/vanishing', []);
    await lab.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/vanishing');
    expect(await lab.tenant('vanishing')).toBeUndefined();
    await lab.apply(asking('claimant', host));
    expect(await untilConflict('claimant')).toBe(stillThere('vanishing', host));
    await until('it is reported', async () => (await lab.metric('tenantry_orphans')) === 1);

    // Somebody ends it by hand: then the host is free.
    await lab.api.request('DELETE', '/api/v1/namespaces/tenant-vanishing');
    await lab.untilReady('claimant');
    await until('nothing is left to report', async () => (await lab.metric('tenantry_orphans')) === 0);
  });

  test('was never, in all this, that of two', async () => {
    expect(await claims.end()).toEqual([]);
  });
});
