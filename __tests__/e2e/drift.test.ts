import { until } from '../until';
import { Checkout } from './checkout';

/** What people do behind the back of the files. */
describe('a fleet that was meddled with', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    expect((await checkout.run('npm start')).exitCode).toBe(0);
  });
  afterAll(() => checkout?.remove());

  test('a Tenant edited by hand is what its file says again after the next run', async () => {
    const before = (await checkout.tenants()).globex?.spec;
    const edited = await checkout.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/globex', {
      spec: { host: 'attacker.example.com', ring: 'canary' },
    });
    expect(edited.status).toBe(200);

    const plan = await checkout.run('npx cdktf diff tenants', { as: 'planner' });
    expect(plan.output).toContain('attacker.example.com');
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await checkout.tenants()).globex?.spec).toEqual(before);
  });

  test('a Tenant cannot be deleted while it is in use, by anybody, and the refusal says what to do', async () => {
    const { status, body } = await checkout.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/globex');

    expect(status).toBe(403);
    expect(body.message).toContain(
      'tenant globex is in use. To delete it, set decommission: true in tenants/globex.yaml and deploy',
    );
    expect(await checkout.tenants()).toHaveProperty('globex');
  });

  test('the definition of Tenant cannot be deleted, and with it every tenant', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev';
    const { status, body } = await checkout.api.request('DELETE', path);

    expect(status).toBe(403);
    expect(body.message).toContain('deleting the definition of Tenant would delete every tenant');
    expect(Object.keys(await checkout.tenants())).toHaveLength(3);
  });

  test('a Tenant deleted by hand is there again after the next run', async () => {
    const before = (await checkout.tenants()).initech?.spec;
    await checkout.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/initech', { spec: { decommission: true } });
    expect((await checkout.api.request('DELETE', '/apis/tenantry.dev/v1/tenants/initech')).status).toBe(200);
    await until('the operator has let it go', async () => !('initech' in (await checkout.tenants())));

    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await checkout.tenants()).initech?.spec).toEqual(before);
  });

  test('a tenant whose file is removed without decommission stays, and the run says why', async () => {
    const file = checkout.read('tenants/initech.yaml');
    checkout.delete('tenants/initech.yaml');
    const { exitCode, text } = await checkout.deploy();
    checkout.write('tenants/initech.yaml', file);

    expect(exitCode).toBe(1);
    expect(text).toContain('tenant initech is in use. To delete it, set decommission: true in tenants/initech.yaml');
    expect(await checkout.tenants()).toHaveProperty('initech');
    expect((await checkout.deploy()).output).toContain('No changes.');
  });

  test('a run that would lose a tenant changes nothing else either, as when a file is renamed', async () => {
    const file = checkout.read('tenants/initech.yaml');
    const before = await checkout.digests();
    await checkout.publish('web-client');
    checkout.delete('tenants/initech.yaml');
    checkout.write('tenants/initrode.yaml', file);
    const renamed = await checkout.deploy();
    const guard = await checkout.run('npx tenantry guard');
    expect(renamed.exitCode).toBe(1);
    expect(guard).toMatchObject({ exitCode: 1, output: expect.stringContaining('initech is in use and has no file') });
    expect(await checkout.digests()).toEqual(before);

    checkout.delete('tenants/initrode.yaml');
    checkout.write('tenants/initech.yaml', file);
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(Object.keys(await checkout.tenants())).toEqual(['globex', 'initech', 'northwind']);
    expect(await checkout.run('npx tenantry guard')).toMatchObject({ exitCode: 0 });
  });

  test('a tenant leaves in two steps: decommission, then without its file', async () => {
    checkout.write('tenants/initech.yaml', `${checkout.read('tenants/initech.yaml')}decommission: true\n`);
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect((await checkout.tenants()).initech?.spec.decommission).toBe(true);

    checkout.delete('tenants/initech.yaml');
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(Object.keys(await checkout.tenants())).toEqual(['globex', 'northwind']);
  });
});
