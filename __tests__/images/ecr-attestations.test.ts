import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PinnedImage } from '../../lib/images/pinned-image';
import { WorthlessBundle } from '../../lib/images/provenance/attested-build';
import { EcrAttestations } from '../../lib/images/provenance/ecr-attestations';

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const IMAGE: PinnedImage = {
  service: 'web-client',
  release: 'releases/0.0.2',
  repository: 'web-client',
  tag: 'releases-0.0.2',
  digest: digestOf('image'),
  commits: ['a'.repeat(40)],
  tenants: ['globex'],
};

/** ECR, and the storage that it sends whoever downloads to. */
describe('the attestations of an image', () => {
  let server: Server;
  let address: string;
  /** By digest of the layer: what the storage answers. */
  let stored: Map<string, { readonly status: number; readonly body: string }>;
  const bundles = ['one', 'two'];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (request.method === 'GET') {
          const { status, body: text } = stored.get(decodeURIComponent(request.url?.slice(1) ?? '')) ?? {
            status: 404,
            body: '',
          };
          response.writeHead(status).end(text);
          return;
        }
        const call = String(request.headers['x-amz-target']).split('.').at(-1);
        const asked = JSON.parse(body);
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(
          JSON.stringify(call === 'GetDownloadUrlForLayer' ? urlOf(asked.layerDigest) : ANSWERS[String(call)]),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_ECR: address,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    stored = new Map(bundles.map((text) => [digestOf(text), { status: 200, body: text }]));
  });

  const urlOf = (digest: string) => ({ downloadUrl: `${address}/${encodeURIComponent(digest)}`, layerDigest: digest });
  const ANSWERS: Readonly<Record<string, object>> = {
    ListImageReferrers: {
      referrers: bundles.map((text) => ({
        digest: digestOf(`manifest of ${text}`),
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      })),
    },
    BatchGetImage: {
      images: bundles.map((text) => ({
        imageManifest: JSON.stringify({ layers: [{ digest: digestOf(text), size: text.length }] }),
      })),
    },
  };
  const read = () =>
    new EcrAttestations({ account: '123456789012', region: 'eu-central-1' }, { requestTimeout: 2_000 }).of(IMAGE);

  test('are all that refer to it, as they were pushed', async () => {
    expect(await read()).toEqual(bundles);
  });

  test.each([
    ['was deleted', { status: 404, body: '' }, /does not have it any more/],
    ['is another than was pushed', { status: 200, body: 'six' }, /not what was pushed/],
    ['is longer than was pushed', { status: 200, body: 'one and more' }, /larger than its manifest says/],
  ])('are worth what they are where one of them %s: it alone proves nothing', async (_, answer, why) => {
    stored.set(digestOf('one'), answer);
    const [lost, good] = await read();
    expect(lost).toBeInstanceOf(WorthlessBundle);
    expect((lost as WorthlessBundle).message).toMatch(why);
    expect(good).toBe('two');
  });

  test('are not known where the storage does not answer', async () => {
    stored.set(digestOf('one'), { status: 503, body: '' });
    await expect(read()).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringContaining('HTTP 503') });
  });
});
