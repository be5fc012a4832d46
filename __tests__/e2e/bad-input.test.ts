import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Checkout } from './checkout';

/** What goes wrong in production, done on purpose: nothing is half done, nothing is lost, and the message says what to do. */
describe('a deploy that cannot be', () => {
  let checkout: Checkout;
  let healthy: Readonly<Record<string, string>>;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
    healthy = await checkout.digests();
    expect(Object.keys(healthy)).toHaveLength(15);
  });
  afterAll(() => checkout?.remove());

  /** Every failure here leaves the tenants on what they ran. */
  const nothingChanged = async () => expect(await checkout.digests()).toEqual(healthy);

  test('is refused while images are missing, and names all that are', async () => {
    checkout.edit('local/platform.yaml', 'releases/0.0.2', 'releases/0.0.9');
    const { exitCode, output } = await checkout.deploy();
    checkout.edit('local/platform.yaml', 'releases/0.0.9', 'releases/0.0.2');

    expect(exitCode).toBe(2);
    for (const service of ['apiserver', 'tenant-auth', 'web-client', 'operator']) {
      expect(output).toContain(`${service} releases/0.0.9 (tag releases-0.0.9`);
    }
    expect(checkout.list('cdktf.out')).toEqual([]);
    await nothingChanged();
  });

  test('is refused while ECR is down, and does not deploy what an earlier synth left', async () => {
    expect((await checkout.run('npx cdktf synth')).exitCode).toBe(0);
    expect(checkout.list('cdktf.out')).toContain('images.lock.json');
    const { exitCode, output } = await checkout.deploy({ env: { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' } });

    expect(exitCode).toBe(2);
    expect(output).toContain('ECR in eu-central-1, account 123456789012 did not answer as expected');
    expect(output).toContain('ECONNREFUSED');
    expect(checkout.list('cdktf.out')).toEqual([]);
    await nothingChanged();
  });

  test('is refused with credentials that AWS does not know', async () => {
    const { endpoint } = checkout.platform.record.aws;
    const enforceCredentialsAfter = (requests: string) =>
      fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: requests });
    await enforceCredentialsAfter('0');
    const { exitCode, output } = await checkout.deploy().finally(() => enforceCredentialsAfter('inf'));

    expect(exitCode).toBe(2);
    expect(output).toContain('There are no valid AWS credentials for ECR in eu-central-1, account 123456789012');
    expect(output).toContain('aws sts get-caller-identity');
    await nothingChanged();
  });

  test('is refused while one tenant file is broken beside good ones, with the line', async () => {
    checkout.write('local/tenants/umbrella.yaml', 'host: umbrella.example.com\nrelaese: releases/0.0.2\nring: canry\n');
    const { exitCode, output } = await checkout.deploy();
    checkout.delete('local/tenants/umbrella.yaml');

    expect(exitCode).toBe(2);
    expect(output).toContain('local/tenants/umbrella.yaml:2:1: unknown key "relaese"; did you mean "release"?');
    await nothingChanged();
  });

  test('is refused while the Kubernetes API is down', async () => {
    const { endpoint: server } = checkout.platform.record.kubernetes;
    checkout.edit('.local/kubeconfig', server, 'https://127.0.0.1:9');
    const { exitCode, text } = await checkout.deploy();
    const status = await checkout.run('npx tenantry status');
    checkout.edit('.local/kubeconfig', 'https://127.0.0.1:9', server);

    expect(exitCode).toBe(2);
    expect(text).toMatch(
      /cannot read (the Tenants|the operator's objects) of the cluster in .*kubeconfig, context deployer: .*ECONNREFUSED/,
    );
    expect(checkout.list('cdktf.out')).toEqual([]);
    expect(status.exitCode).toBe(2);
    expect(status.output).toMatch(
      /cannot read the Tenants of the cluster in .*kubeconfig, context deployer: .*ECONNREFUSED/,
    );
    await nothingChanged();
  });

  test('is refused where the kubeconfig has a wrong path, which is no platform without tenants', async () => {
    const { endpoint: server } = checkout.platform.record.kubernetes;
    checkout.edit('.local/kubeconfig', server, `${server}/wrong`);
    const { exitCode, text } = await checkout.deploy();
    const freeze = await checkout.run('npx tenantry freeze');
    const status = await checkout.run('npx tenantry status');
    checkout.edit('.local/kubeconfig', `${server}/wrong`, server);

    expect([exitCode, freeze.exitCode, status.exitCode]).toEqual([2, 2, 2]);
    for (const said of [text, freeze.text, status.text]) expect(said).toContain('this address is not a Kubernetes API');
    await nothingChanged();
  });

  test('says who holds the lock of the state, and how to break it', async () => {
    const { endpoint, region } = checkout.platform.record.aws;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const lock = { Bucket: 'local-tenantry-state', Key: 'local/tenants.tfstate.tflock' };
    const held = {
      ID: '11111111-2222-3333-4444-555555555555',
      Operation: 'OperationTypeApply',
      Who: 'runner@ci',
      Created: '2026-11-20T03:00:00Z',
    };
    await s3.send(new PutObjectCommand({ ...lock, Body: JSON.stringify(held) }));
    const { exitCode, output } = await checkout.deploy();
    await checkout.run(
      'terraform -chdir=cdktf.out/stacks/tenants force-unlock -force 11111111-2222-3333-4444-555555555555',
    );

    expect(exitCode).toBe(2);
    expect(output).toContain('Error acquiring the state lock');
    expect(output).toContain('11111111-2222-3333-4444-555555555555');
    expect(output).toContain('runner@ci');
    await nothingChanged();
    expect((await checkout.deploy()).exitCode).toBe(0);
  });
});
