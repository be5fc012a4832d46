import { randomBytes } from 'node:crypto';
import { pushAttestation } from '../../local/attest';
import { LocalAuthority } from '../../local/local-authority';
import { ecrClient } from '../../local/local-registry';
import { publish } from '../../local/publish';
import { Checkout } from './checkout';

const RELEASE = 'releases/0.0.2';

describe('a platform that wants to know where its images come from', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.create();
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  const commit = () => randomBytes(20).toString('hex');
  const publishUnattested = (service: string) =>
    publish(checkout.platform.registry, { service, release: RELEASE, attest: false });

  test('deploys what is attested, and the lock says by whom', async () => {
    const { images } = JSON.parse(checkout.read('cdktf.out/images.lock.json'));
    expect(images).toHaveLength(4);
    for (const { service, provenance } of images) {
      const github = service === 'operator' ? 'acme/platform' : `acme/${service}`;
      expect(provenance).toEqual({
        signer: 'acme/platform/.github/workflows/publish-image.yml@refs/heads/main',
        branch: RELEASE,
        run: `https://github.com/${github}/actions/runs/1/attempts/1`,
      });
    }
  });

  test('refuses an image that nobody attested: nothing changes, and the message says what to do', async () => {
    const before = await checkout.digests();
    await checkout.publish('apiserver');
    const { digest, commit } = await publishUnattested('web-client');
    const { exitCode, output } = await checkout.deploy();

    expect(exitCode).toBe(2);
    expect(output).toContain('1 of 4 images cannot be deployed, so nothing is:');
    expect(output).toContain(`web-client ${RELEASE} (tag releases-0.0.2 in web-client, wanted by`);
    expect(output).toContain(`The image ${digest} of commit ${commit} has no attestation in ECR`);
    expect(output).toContain('run the CI of commit');
    expect(checkout.list('cdktf.out')).toEqual([]);
    expect(await checkout.digests()).toEqual(before);
  });

  test('refuses one that is attested by the right workflow, and of another branch', async () => {
    const { registry } = checkout.platform;
    const own = commit();
    const { digest } = await publish(registry, { service: 'web-client', release: RELEASE, commit: own, attest: false });
    const repository = 'https://github.com/acme/web-client';
    const bundle = await new LocalAuthority(registry.signing.authority).attest({
      digest,
      builds: { repository, branch: 'somebody/tries', commit: own },
      workflow: registry.signing.workflow,
      repository,
      ref: 'refs/heads/main',
    });
    await pushAttestation(ecrClient(registry), 'web-client', digest, bundle);
    const { exitCode, output } = await checkout.deploy();

    expect(exitCode).toBe(2);
    expect(output).toContain(`- branch: expected ${RELEASE} or main, found somebody/tries`);
  });

  test('holds a lock to the same, whatever stands in it', async () => {
    checkout.edit('local/platform.yaml', 'provenance: required', 'provenance: unchecked');
    const unchecked = await checkout.run('npx tenantry resolve --json');
    expect(unchecked.exitCode).toBe(0);
    expect(unchecked.stdout).not.toContain('provenance');
    checkout.write('before.lock.json', unchecked.stdout);
    checkout.edit('local/platform.yaml', 'provenance: unchecked', 'provenance: required');
    const { exitCode, output } = await checkout.deploy({ env: { IMAGES: 'before.lock.json' } });

    expect(exitCode).toBe(2);
    expect(output).toContain('is not proven to be what its tag says');
  });

  test('goes on by itself with the next image that is attested, and by a lock from before that names good ones', async () => {
    const { digest } = await checkout.publish('web-client');
    expect((await checkout.deploy()).exitCode).toBe(0);
    expect(Object.values(await checkout.digests()).flat()).toContain(digest);

    const lock = JSON.parse(checkout.read('cdktf.out/images.lock.json'));
    expect(lock.images.every(({ provenance }: { provenance?: object }) => provenance)).toBe(true);
  });

  test('is not fooled by another root of trust for a registry elsewhere', async () => {
    const { exitCode, output } = await checkout.run('npx tenantry resolve --images cdktf.out/images.lock.json', {
      env: { AWS_ENDPOINT_URL: 'https://ecr.example.com' },
    });
    expect(exitCode).toBe(2);
    expect(output).toContain('unset TENANTRY_TRUSTED_ROOT');
  });
});
