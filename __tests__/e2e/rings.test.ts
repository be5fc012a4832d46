import { Checkout } from './checkout';

describe('a gate between two rings', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    expect((await checkout.run('npm start')).exitCode).toBe(0);
  });
  afterAll(() => checkout?.remove());

  test('that does not open leaves the later rings on what they run, and the next good run heals all', async () => {
    const before = await checkout.digests();
    const { digest } = await checkout.publish('web-client');
    const command = checkout.read('cli/tenantry.js');
    checkout.write('cli/tenantry.js', "console.error('the canary is not well'); process.exit(1);\n");
    const held = await checkout.deploy();
    checkout.write('cli/tenantry.js', command);

    expect(held.exitCode).toBe(1);
    expect(held.output).toContain('the canary is not well');
    expect(held.output).toContain('terraform_data.ring-canary');
    expect(await checkout.digests()).toEqual({ ...before, 'northwind web-client': digest });

    expect((await checkout.deploy()).exitCode).toBe(0);
    const expected = {
      ...before,
      'northwind web-client': digest,
      'globex web-client': digest,
      'initech web-client': digest,
    };
    expect(await checkout.digests()).toEqual(expected);
    expect((await checkout.deploy()).output.match(/No changes\./g)).toHaveLength(2);
  });

  test('that cannot tell stays closed: here the lock it compares with was edited after the synth', async () => {
    const before = await checkout.digests();
    const { digest } = await checkout.publish('apiserver');
    expect((await checkout.run('npx cdktf synth')).exitCode).toBe(0);
    checkout.edit('cdktf.out/images.lock.json', '"tag": "releases-0.0.2"', '"tag": "releases-0.0.9"');
    const held = await checkout.run('npx cdktf deploy operator tenants --auto-approve --skip-synth');

    expect(held.exitCode).toBe(1);
    expect(held.text).toContain('it was edited since it was written');
    expect(await checkout.digests()).toEqual({ ...before, 'northwind apiserver': digest });
    expect((await checkout.deploy()).exitCode).toBe(0);
  });

  test('tenantry verify names the tenant and the service that is not on the digest of the run', async () => {
    const good = await checkout.run('npx tenantry verify');
    const { globex } = await checkout.tenants();
    const other = `sha256:${'0'.repeat(64)}`;
    const services = globex?.spec.services.map((service) => ({
      ...service,
      image: service.image.replace(/sha256:.*/, other),
    }));
    await checkout.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/globex', { spec: { services } });
    const bad = await checkout.run('npx tenantry verify');
    const canary = await checkout.run('npx tenantry verify --ring canary');

    expect(good).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('All 3 tenants have the images of this run.'),
    });
    expect(bad.exitCode).toBe(1);
    expect(bad.output).toMatch(new RegExp(`globex web-client is on .*${other}, and this run deploys .*@sha256:`));
    expect(canary.exitCode).toBe(0);
    for (const question of [
      'verify --ring nowhere',
      'verify --rign canary',
      'verify --lock nowhere.json',
      'nonsense',
    ]) {
      expect(await checkout.run(`npx tenantry ${question}`)).toMatchObject({ exitCode: 2 });
    }
  });
});
