import { EcrSource } from '../../lib/images/ecr';
import { imageRequests } from '../../lib/images/request';
import { GOOD_TENANT, load } from '../config/configuration-files';
import { withAwsEnvironment } from './aws-environment';
import { type Asked, FaultProxy } from './fault-proxy';
import { imageRequest, resolved } from './image-requests';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';

describe('what ECR is asked', () => {
  const proxy = new FaultProxy(() => 'http://nothing.invalid');
  const found = ({ imageIds }: Asked) => ({
    status: 200,
    body: {
      imageDetails: [{ imageDigest: digestOf('image'), imageTags: [imageIds[0]?.imageTag, commitNamed('image')] }],
    },
  });

  beforeAll(() => proxy.start());
  afterAll(() => proxy.stop());
  beforeEach(() => {
    proxy.reset();
    proxy.fault = found;
  });
  withAwsEnvironment(() => proxy.endpoint);

  test.each([1, 10, 200])(
    'of %p tenants on one release is one call for each service and the operator',
    async (count) => {
      const names = Array.from({ length: count }, (_, n) => `tenant-${n}`);
      const files = Object.fromEntries(names.map((name) => [`tenants/${name}.yaml`, `host: ${name}.example.com\n`]));
      const { platform, tenants } = load({ 'tenants/globex.yaml': null, ...files });
      expect(tenants).toHaveLength(count);

      const images = await resolved(new EcrSource(platform.registry), ...imageRequests(platform, tenants));

      expect(proxy.counts).toEqual({
        'apiserver:releases-0.0.2': 1,
        'tenantry-operator:releases-0.0.2': 1,
        'web-client:releases-0.0.2': 1,
      });
      for (const name of names) expect(images.findImage(name, 'apiserver').digest).toBe(digestOf('image'));
    },
  );

  test('of one service in two releases is a call for each release', async () => {
    const { platform, tenants } = load({
      'tenants/hooli.yaml': 'host: hooli.example.com\nservices: { apiserver: { release: releases/0.0.3 } }\n',
      'tenants/globex.yaml': GOOD_TENANT,
    });

    await resolved(new EcrSource(platform.registry), ...imageRequests(platform, tenants));

    expect(proxy.counts).toEqual({
      'apiserver:releases-0.0.2': 1,
      'apiserver:releases-0.0.3': 1,
      'tenantry-operator:releases-0.0.2': 1,
      'web-client:releases-0.0.2': 1,
    });
  });

  test('is the registry of the account that the platform file names', async () => {
    await resolved(new EcrSource({ account: '210987654321', region: 'eu-central-1' }), imageRequest('web-client'));
    expect(proxy.asked).toEqual([
      { registryId: '210987654321', repositoryName: 'acme/web-client', imageIds: [{ imageTag: 'releases-0.0.2' }] },
    ]);
  });

  test('comes in eight requests at a time, and never more', async () => {
    const waiting: (() => void)[] = [];
    proxy.fault = async (asked) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        // Nobody is let through until eight wait, or the last ones do.
        if (waiting.length === 8 || proxy.asked.length === 40) for (const go of waiting.splice(0)) go();
      });
      return found(asked);
    };
    const requests = Array.from({ length: 40 }, (_, n) => imageRequest(`service-${n}`));

    await resolved(new EcrSource(REGISTRY), ...requests);

    expect(proxy.mostAtOnce).toBe(8);
    expect(proxy.asked).toHaveLength(40);
  });
});
