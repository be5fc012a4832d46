import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { clientSettings } from '../../lib/aws/client-settings';
import { EcrSource } from '../../lib/images/ecr';
import { ImageProblem } from '../../lib/images/image-problem';
import type { PinnedImage } from '../../lib/images/pinned-image';
import { WorthlessBundle } from '../../lib/images/provenance/attested-build';
import { EcrAttestations } from '../../lib/images/provenance/ecr-attestations';
import { proveImages } from '../../lib/images/provenance/prove-images';
import { pushAttestation } from '../../local/attest';
import { trustedRootIn } from '../../local/local-authority';
import { createRepositories, type LocalRegistry } from '../../local/local-registry';
import { publish } from '../../local/publish';
import { PROVED, PUBLISHER } from './attested-images';
import { withAwsEnvironment } from './aws-environment';
import { imageRequest, RELEASE, resolved } from './image-requests';
import { digestOf, INSTALLATION, LocalEcr, MANIFEST, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

describe('attestations in ECR', () => {
  const ecr = new LocalEcr();
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-published-'));
  const registry = (): LocalRegistry => ({
    ...REGISTRY,
    endpoint: ecr.endpoint,
    repositories: [{ service: 'web-client', repository: 'acme/web-client', github: 'acme/web-client' }],
    signing: { authority: folder, workflow: `${PUBLISHER}@refs/heads/main`, branch: 'main' },
  });
  let client: ECRClient;
  beforeAll(async () => {
    await ecr.start();
    await createRepositories(registry());
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new ECRClient({ ...clientSettings({ region: REGISTRY.region }), endpoint: ecr.endpoint, credentials });
  }, INSTALLATION);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await ecr.stop();
  });
  withAwsEnvironment(() => ecr.endpoint);

  async function image(text: string): Promise<PinnedImage> {
    const found = pinnedImage('web-client', text);
    return { ...found, digest: await ecr.push('acme/web-client', text, [...found.commits]) };
  }
  const attest = ({ digest }: PinnedImage, bundle: string) =>
    pushAttestation(client, 'acme/web-client', digest, bundle);
  /** An artifact that refers to an image. */
  const refer = async (to: PinnedImage, manifest: Readonly<Record<string, unknown>>) => {
    const subject = { mediaType: MANIFEST, digest: to.digest, size: 1 };
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, subject, ...manifest });
    await client.send(
      new PutImageCommand({
        repositoryName: 'acme/web-client',
        imageManifest,
        imageManifestMediaType: MANIFEST,
        imageDigest: digestOf(imageManifest),
      }),
    );
  };
  const of = (one: PinnedImage) => new EcrAttestations(REGISTRY).of(one);
  const refusal = (one: PinnedImage): Promise<ImageProblem> =>
    of(one).then(
      () => {
        throw new Error('it was answered');
      },
      (error: unknown) => {
        if (error instanceof ImageProblem) return error;
        throw error;
      },
    );

  test('are the bundles that refer to the image, as they were pushed, and no others', async () => {
    const [one, other] = [await image('one'), await image('other')];
    await attest(one, '{"a":1}');
    await attest(one, '{"ü":2}');
    await attest(other, '{"b":1}');
    await refer(one, { artifactType: 'application/spdx+json', layers: [{ digest: digestOf('x'), size: 1 }] });
    expect([...(await of(one))].sort()).toEqual(['{"a":1}', '{"ü":2}']);
    expect(await of(other)).toEqual(['{"b":1}']);
    expect(await of(await image('bare'))).toEqual([]);
  });

  test('are as many as there are, over several answers; more than any workflow makes are a problem', async () => {
    const many = await image('many');
    for (let index = 0; index < 60; index++) await attest(many, `{"index":${index}}`);
    expect(await of(many)).toHaveLength(60);
    for (let index = 60; index < 101; index++) await attest(many, `{"index":${index}}`);
    const { kind, message } = await refusal(many);
    expect(kind).toBe('unproven');
    expect(message).toContain('more than 100 attestations');
  });

  test.each([
    ['no layer', []],
    ['two layers', [1, 2].map((size) => ({ digest: digestOf('x'), size }))],
    ['a layer that is huge', [{ digest: digestOf('x'), size: 600 * 1024 }]],
    ['a layer of no digest', [{ digest: '../../etc/passwd', size: 3 }]],
    ['no layers but a text', '::error::'],
  ])('are worthless with %s', async (words, layers) => {
    const one = await image(words);
    await refer(one, { artifactType: BUNDLE, layers });
    expect(await of(one)).toEqual([expect.any(WorthlessBundle)]);
  });

  test('are worthless when they are larger than their manifest says', async () => {
    const [one, other] = [await image('small'), await image('large')];
    const text = `{"large":"${'x'.repeat(1000)}"}`;
    await attest(other, text);
    await refer(one, { artifactType: BUNDLE, layers: [{ digest: digestOf(text), size: 10 }] });
    const [found] = await of(one);
    expect((found as WorthlessBundle).message).toContain('larger than its manifest says');
  });

  describe('of what the local platform publishes', () => {
    const proved = async () => {
      process.env.AWS_ENDPOINT_URL = ecr.endpoint;
      process.env.TENANTRY_TRUSTED_ROOT = trustedRootIn(folder);
      return proveImages(await resolved(new EcrSource(REGISTRY), imageRequest('web-client')), PROVED);
    };

    test('prove each image that is published as its workflow would', async () => {
      const { digest } = await publish(registry(), { service: 'web-client', release: RELEASE });
      expect((await proved()).images).toMatchObject([{ digest, provenance: { branch: RELEASE } }]);
    });

    test('prove an image in each release to which it is pushed, and in no other', async () => {
      const { digest, commit } = await publish(registry(), { service: 'web-client', release: 'releases/0.0.3' });
      await publish(registry(), { service: 'web-client', release: RELEASE, commit });
      expect((await proved()).images).toMatchObject([{ digest, provenance: { branch: RELEASE } }]);
    });

    test('are wanting where it is published without', async () => {
      const { digest } = await publish(registry(), { service: 'web-client', release: RELEASE, attest: false });
      await expect(proved()).rejects.toThrow(`The image ${digest}`);
    });
  });

  test('that ECR keeps and does not give are a problem which may heal by itself', async () => {
    const one = await image('lost');
    await refer(one, { artifactType: BUNDLE, layers: [{ digest: digestOf('never pushed'), size: 10 }] });
    expect(await refusal(one)).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('HTTP 404') });
  });

  test('of an image that is gone: the image is missing', async () => {
    expect((await refusal(pinnedImage('web-client', 'gone'))).kind).toBe('missing-image');
  });

  test('take the rights that are named when they are not there', async () => {
    const one = await image('guarded');
    await attest(one, '{}');
    const users = [await ecr.createUser('lister', ['ecr:DescribeImages']), await ecr.createUser('reader', [])];
    await ecr.enforceAccess();
    try {
      for (const { id, secret } of users) {
        Object.assign(process.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
        expect((await refusal(one)).message).toContain('ecr:BatchGetImage');
      }
    } finally {
      await ecr.allowEverything();
    }
  });
});
