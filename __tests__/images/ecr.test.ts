import { EcrSource } from '../../lib/images/ecr';
import { withAwsEnvironment } from './aws-environment';
import { FaultProxy } from './fault-proxy';
import { imageRequest, problem, refusal, resolved } from './image-requests';
import { commitNamed, digestOf, INDEX, INSTALLATION, LocalEcr, MANIFEST, REGISTRY } from './local-ecr';

describe('ECR as the source of images', () => {
  const ecr = new LocalEcr();
  const proxy = new FaultProxy(() => ecr.endpoint);

  beforeAll(async () => {
    await Promise.all([ecr.start(), proxy.start()]);
    for (const service of ['web-client', 'apiserver', 'worker', 'bare', 'tenant-auth'])
      await ecr.createRepository(`acme/${service}`);
  }, INSTALLATION);
  afterAll(async () => {
    await proxy.stop();
    await ecr.stop();
  });
  afterEach(() => proxy.reset());
  withAwsEnvironment(() => proxy.endpoint);

  describe('an image that is there', () => {
    test('is pinned to its digest, its commit, when it was pushed, and what it is', async () => {
      const commit = commitNamed('web-client 1');
      const digest = await ecr.push('acme/web-client', 'one', [commit, 'latest', 'releases-0.0.2']);

      const { images } = await resolved(new EcrSource(REGISTRY), imageRequest('web-client', { tenants: ['a', 'b'] }));

      expect(images).toEqual([
        {
          service: 'web-client',
          release: 'releases/0.0.2',
          repository: 'acme/web-client',
          tag: 'releases-0.0.2',
          digest,
          commits: [commit],
          pushedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          mediaType: MANIFEST,
          tenants: ['a', 'b'],
        },
      ]);
    });

    test('is the one that the tag points to now, not the one before', async () => {
      const [before, now] = [commitNamed('apiserver 1'), commitNamed('apiserver 2')];
      await ecr.push('acme/apiserver', 'one', [before, 'releases-0.0.2']);
      const digest = await ecr.push('acme/apiserver', 'two', [now, 'releases-0.0.2']);

      const { images } = await resolved(new EcrSource(REGISTRY), imageRequest('apiserver'));

      expect(images).toMatchObject([{ digest, commits: [now] }]);
    });

    test('keeps all its commits, sorted, when several builds gave the same bytes', async () => {
      const commits = [commitNamed('worker 3'), commitNamed('worker 1'), commitNamed('worker 2')];
      await ecr.push('acme/worker', 'same', [...commits, 'releases-0.0.2']);

      const { images } = await resolved(new EcrSource(REGISTRY), imageRequest('worker'));

      expect(images[0]?.commits).toEqual([...commits].sort());
      expect(images[0]?.commits).toHaveLength(3);
    });

    test('for several architectures is pinned to the digest of its index', async () => {
      const digest = await ecr.push('acme/tenant-auth', 'index', [commitNamed('tenant-auth'), 'releases-0.0.2'], INDEX);

      const { images } = await resolved(new EcrSource(REGISTRY), imageRequest('tenant-auth'));

      expect(images).toMatchObject([{ digest, mediaType: INDEX }]);
    });

    test.each([
      'HEAD',
      commitNamed('x').slice(0, 39),
      `${commitNamed('x')}0`,
      commitNamed('x').toUpperCase(),
      `sha-${commitNamed('x')}`,
    ])('has no commit in the tag %s', async (tag) => {
      proxy.rewrite = (detail) => ({ ...detail, imageTags: ['releases-0.0.2', tag] });
      expect((await problem(new EcrSource(REGISTRY), imageRequest('web-client'))).kind).toBe('no-commit');
    });
  });

  describe('an image that cannot be deployed', () => {
    test('is missing: it may still be building, and then nothing is to be done', async () => {
      const { kind, message } = await problem(
        new EcrSource(REGISTRY),
        imageRequest('web-client', { release: 'releases/0.0.9' }),
      );
      expect(kind).toBe('missing-image');
      expect(message).toContain('It may still be building');
      expect(message).toContain('its own dispatch starts the run that heals this');
    });

    test('has no repository', async () => {
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('nowhere'));
      expect(kind).toBe('missing-repository');
      expect(message).toContain('ECR in eu-central-1, account 123456789012');
      expect(message).toContain('IMAGES=none npx cdktf deploy registry');
    });

    test('has no tag that says which commit it is', async () => {
      const digest = await ecr.push('acme/bare', 'bare', ['latest', 'v1', 'releases-0.0.2']);
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('bare'));
      expect(kind).toBe('no-commit');
      expect(message).toContain(digest);
      for (const tag of ['latest', 'v1', 'releases-0.0.2']) expect(message).toContain(tag);
    });

    test.each(['ARCHIVED', 'ACTIVATING'])('is %s, so that no node could pull it', async (imageStatus) => {
      proxy.rewrite = (detail) => ({ ...detail, imageStatus });
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('archived');
      expect(message).toContain('no node can pull it');
    });

    test('is deployed when its status is ACTIVE', async () => {
      proxy.rewrite = (detail) => ({ ...detail, imageStatus: 'ACTIVE' });
      expect((await resolved(new EcrSource(REGISTRY), imageRequest('web-client'))).images).toHaveLength(1);
    });

    test.each([
      '',
      'sha256:abc',
      digestOf('x').toUpperCase(),
      digestOf('x').replace('sha256', 'sha512'),
      `${digestOf('x')}\n`,
    ])('has %j for a digest', async (imageDigest) => {
      proxy.rewrite = (detail) => ({ ...detail, imageDigest });
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('malformed-digest');
      expect(message).toContain(JSON.stringify(imageDigest));
    });

    test('is described by an answer that holds nothing', async () => {
      proxy.fault = () => ({ status: 200, body: { imageDetails: [] } });
      expect((await problem(new EcrSource(REGISTRY), imageRequest('web-client'))).kind).toBe('missing-image');
    });

    test('is described by an answer about another image', async () => {
      proxy.rewrite = (detail) => ({ ...detail, imageTags: [commitNamed('web-client 1')] });
      expect((await problem(new EcrSource(REGISTRY), imageRequest('web-client'))).kind).toBe('missing-image');
    });
  });

  describe('with access enforced', () => {
    const users = { reader: { id: '', secret: '' }, nobody: { id: '', secret: '' } };

    beforeAll(async () => {
      users.reader = await ecr.createUser('reader', ['ecr:DescribeImages']);
      users.nobody = await ecr.createUser('nobody', []);
      await ecr.enforceAccess();
    });
    afterAll(() => ecr.allowEverything());

    function signIn({ id, secret }: { id: string; secret: string }): void {
      process.env.AWS_ACCESS_KEY_ID = id;
      process.env.AWS_SECRET_ACCESS_KEY = secret;
    }

    test('ecr:DescribeImages is all that is needed', async () => {
      signIn(users.reader);
      expect((await resolved(new EcrSource(REGISTRY), imageRequest('web-client'))).images).toHaveLength(1);
    });

    test('a user without it has no access, and is told what is missing', async () => {
      signIn(users.nobody);
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('no-access');
      expect(message).toContain('user/nobody');
      expect(message).toContain('ecr:DescribeImages');
    });

    test.each([
      ['a key that nobody has', { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'nothing' }],
      ['the wrong secret', { id: 'reader', secret: 'nothing' }],
    ])('%s: no valid credentials, and how to check them', async (_, { id, secret }) => {
      signIn({ id: id === 'reader' ? users.reader.id : id, secret });
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('credentials');
      expect(message).toContain('aws sts get-caller-identity');
    });

    test('an answer 403 that says nothing more leaves both possibilities open', async () => {
      signIn({ id: 'AKIAIOSFODNN7EXAMPLE', secret: 'nothing' });
      process.env.AWS_ENDPOINT_URL_ECR = ecr.endpoint;
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('credentials');
      expect(message).toBe(
        'There are no valid AWS credentials for ECR in eu-central-1, account 123456789012, or their role lacks ecr:DescribeImages on the repository (it answers with HTTP 403). Check them with "aws sts get-caller-identity".',
      );
    });

    test('what stops every image alike is said once', async () => {
      signIn({ id: 'AKIAIOSFODNN7EXAMPLE', secret: 'nothing' });
      const { problems, message } = await refusal(
        new EcrSource(REGISTRY),
        imageRequest('apiserver'),
        imageRequest('web-client'),
        imageRequest('worker'),
      );
      expect(problems).toHaveLength(3);
      expect(message.match(/There are no valid AWS credentials/g)).toHaveLength(1);
    });
  });

  test('without any credentials it is told so', async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
    expect(kind).toBe('credentials');
    expect(message).toContain('ECR in eu-central-1, account 123456789012');
    expect(proxy.asked).toEqual([]);
  });

  test('one run shows every problem of every image, in the order of the requests', async () => {
    const { problems, requested, message } = await refusal(
      new EcrSource(REGISTRY),
      imageRequest('apiserver', { release: 'releases/0.0.9', tenants: ['a', 'b', 'c', 'd', 'e'] }),
      imageRequest('bare'),
      imageRequest('nowhere'),
      imageRequest('web-client'),
      imageRequest('worker', { release: 'releases/0.0.9', tenants: [] }),
    );
    expect(problems.map(({ kind, request }) => [request.service, kind])).toEqual([
      ['apiserver', 'missing-image'],
      ['bare', 'no-commit'],
      ['nowhere', 'missing-repository'],
      ['worker', 'missing-image'],
    ]);
    expect(requested).toBe(5);
    const lines = message.split('\n');
    expect(lines[0]).toBe('4 of 5 images cannot be deployed, so nothing is:');
    expect(lines[1]).toBe(
      '  apiserver releases/0.0.9 (tag releases-0.0.9 in acme/apiserver, wanted by a, b and 3 more tenants)',
    );
    expect(lines[2]).toBe('  worker releases/0.0.9 (tag releases-0.0.9 in acme/worker)');
    expect(lines[3]).toMatch(/^ {4}There is no such image\. /);
    expect(message.match(/There is no such image/g)).toHaveLength(1);
  });
});
