import { Checkout } from './checkout';

describe('where a run takes its images from', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  test('IMAGES=live plans the change of the files alone, whatever was pushed since', async () => {
    await checkout.publish('apiserver');
    const plain = await checkout.run('npx cdktf diff tenants', { as: 'planner' });
    const live = await checkout.run('npx cdktf diff tenants', { as: 'planner', env: { IMAGES: 'live' } });
    checkout.edit('local/tenants/globex.yaml', 'replicas: 3', 'replicas: 5');
    const change = await checkout.run('npx cdktf diff tenants', { as: 'planner', env: { IMAGES: 'live' } });

    expect(plain.output).toContain('3 to change');
    expect(live.output).toContain('No changes.');
    expect(change.output).toContain('1 to change');
    expect(change.output).toContain('images: what runs now');
  });

  test('the lock of a run deploys exactly its images again', async () => {
    const before = await checkout.digests();
    checkout.write('before.lock.json', (await checkout.run('npx tenantry resolve --images live --json')).stdout);
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(await checkout.digests()).not.toEqual(before);

    const replay = await checkout.deploy({ env: { IMAGES: 'before.lock.json' } });
    expect(replay.exitCode).toBe(0);
    expect(await checkout.digests()).toEqual(before);
  });

  test('the lock that a run has just written can be replayed from where it lies', async () => {
    const before = await checkout.digests();
    await checkout.publish('tenant-auth');
    const env = { IMAGES: 'cdktf.out/images.lock.json' };
    checkout.write('local/tenants/broken.yaml', 'hots: x\n');
    expect((await checkout.deploy({ env })).exitCode).toBe(2);
    expect(checkout.list('cdktf.out')).toEqual(['images.lock.json']);
    checkout.delete('local/tenants/broken.yaml');
    const { exitCode, output } = await checkout.deploy({ env });

    expect(output.match(/No changes\./g)).toHaveLength(2);
    expect(exitCode).toBe(0);
    expect(await checkout.digests()).toEqual(before);
  });

  test('a frozen platform deploys its lock, and every run says that it is frozen', async () => {
    const before = await checkout.digests();
    checkout.write('local/platform.yaml', `${checkout.read('local/platform.yaml')}frozen: ../before.lock.json\n`);
    await checkout.publish('web-client');
    const { exitCode, output } = await checkout.deploy();

    expect(exitCode).toBe(0);
    expect(output).toContain('THE PLATFORM IS FROZEN');
    expect(await checkout.digests()).toEqual(before);
  });

  test('a lock that was edited is refused', async () => {
    checkout.edit('before.lock.json', '"digest": "sha256:', '"digest": "sha256:0');
    const { exitCode, output } = await checkout.deploy();

    expect(exitCode).toBe(2);
    expect(output).toMatch(/the lock .*before\.lock\.json is refused/);
  });

  test('the lock that a synth writes is the same, byte for byte, as long as nothing changes', async () => {
    checkout.write('local/platform.yaml', checkout.read('local/platform.yaml').replace(/^frozen.*\n/m, ''));
    const synthesized = async () => {
      expect((await checkout.run('npx cdktf synth')).exitCode).toBe(0);
      return ['images.lock.json', 'manifest.json', 'stacks/tenants/cdk.tf.json', 'stacks/operator/cdk.tf.json'].map(
        (file) => checkout.read(`cdktf.out/${file}`),
      );
    };
    expect(await synthesized()).toEqual(await synthesized());
  });

  test('IMAGES=none leaves the registry stack alone to be deployed, also after everything was', async () => {
    expect(checkout.list('cdktf.out/stacks')).toEqual(['operator', 'registry', 'tenants']);
    const { exitCode } = await checkout.run('npx cdktf synth', { env: { IMAGES: 'none' } });

    expect(exitCode).toBe(0);
    expect(checkout.list('cdktf.out/stacks')).toEqual(['registry']);
  });

  test('a folder with anything else in it is never emptied for the output', async () => {
    const { exitCode, output } = await checkout.run('npx cdktf synth --output .');

    expect(exitCode).toBe(1);
    expect(output).toContain('which no synth wrote. Choose another folder');
    expect(checkout.list('.')).toContain('main.ts');
    expect((await checkout.run('npx cdktf synth --output tenants')).exitCode).toBe(1);
    expect(checkout.list('local/tenants')).toContain('globex.yaml');
  });
});
