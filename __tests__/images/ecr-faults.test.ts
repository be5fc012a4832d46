import { EcrSource } from '../../lib/images/ecr';
import { withAwsEnvironment } from './aws-environment';
import { awsError, FaultProxy } from './fault-proxy';
import { imageRequest, problem, refusal, resolved } from './image-requests';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';

const THROTTLED = awsError('ThrottlingException', 'Rate exceeded');

describe('ECR in trouble', () => {
  const proxy = new FaultProxy(() => 'http://nothing.invalid');

  beforeAll(() => proxy.start());
  afterAll(() => proxy.stop());
  beforeEach(() => {
    proxy.reset();
    // The SDK waits a random part of a doubling time before each attempt: of that, none.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => jest.restoreAllMocks());
  withAwsEnvironment(() => proxy.endpoint);

  const found = {
    status: 200,
    body: {
      imageDetails: [{ imageDigest: digestOf('image'), imageTags: ['releases-0.0.2', commitNamed('image')] }],
    },
  };

  describe('that throttles', () => {
    test.each([1, 5, 7])('%p times is asked again until it answers', async (times) => {
      proxy.fault = (_, count) => (count <= times ? THROTTLED : found);
      expect((await resolved(new EcrSource(REGISTRY), imageRequest('web-client'))).images).toHaveLength(1);
      expect(proxy.asked).toHaveLength(times + 1);
    });

    test('every one of many requests is asked again until it answers all of them', async () => {
      const requests = Array.from({ length: 60 }, (_, n) => imageRequest(`service-${n}`));
      proxy.fault = (_, count) => (count <= 5 ? THROTTLED : found);
      expect((await resolved(new EcrSource(REGISTRY), ...requests)).images).toHaveLength(60);
    });

    test('for ever is left alone after eight attempts', async () => {
      proxy.fault = () => THROTTLED;
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('throttled');
      expect(message).toBe(
        'ECR in eu-central-1, account 123456789012 throttled 8 attempts in a row. Run again in a few minutes.',
      );
      expect(proxy.asked).toHaveLength(8);
    });

    test('for ever is said once of all images', async () => {
      proxy.fault = () => THROTTLED;
      const services = ['a', 'b', 'c'].map((service) => imageRequest(service));
      const { problems, message } = await refusal(new EcrSource(REGISTRY), ...services);
      expect(problems.map(({ kind }) => kind)).toEqual(['throttled', 'throttled', 'throttled']);
      expect(message.match(/throttled 8 attempts/g)).toHaveLength(1);
    });
  });

  describe('that hangs', () => {
    test('in every request is a timeout once all attempts have had theirs', async () => {
      proxy.fault = () => 'hang';
      const { kind, message } = await problem(
        new EcrSource(REGISTRY, { requestTimeout: 20, deadline: 60_000 }),
        imageRequest('web-client'),
      );
      expect(kind).toBe('timeout');
      expect(message).toBe(
        'ECR in eu-central-1, account 123456789012 did not answer in time (0.02 s a request, 60 s with all attempts). Check the network and the status of AWS, then run again.',
      );
      expect(proxy.asked).toHaveLength(8);
    });

    test('is a timeout at the deadline, even in the middle of a request', async () => {
      proxy.fault = () => 'hang';
      const { kind } = await problem(
        new EcrSource(REGISTRY, { requestTimeout: 60_000, deadline: 2000 }),
        imageRequest('web-client'),
      );
      expect(kind).toBe('timeout');
      expect(proxy.asked).toHaveLength(1);
    });

    test('is a timeout at the deadline, even in the middle of an answer', async () => {
      proxy.fault = () => 'hang in the middle';
      const { kind } = await problem(
        new EcrSource(REGISTRY, { requestTimeout: 60_000, deadline: 2000 }),
        imageRequest('web-client'),
      );
      expect(kind).toBe('timeout');
    });

    test('once is asked again', async () => {
      proxy.fault = (_, count) => (count === 1 ? 'hang' : found);
      const source = new EcrSource(REGISTRY, { requestTimeout: 100 });
      expect((await resolved(source, imageRequest('web-client'))).images).toHaveLength(1);
    });
  });

  describe('that cannot be reached', () => {
    test('because nobody listens there, is unreachable with the reason', async () => {
      const closed = new FaultProxy(() => '');
      await closed.start();
      process.env.AWS_ENDPOINT_URL_ECR = closed.endpoint;
      await closed.stop();
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('unreachable');
      expect(message).toContain('ECONNREFUSED');
      expect(message).toContain('ECR in eu-central-1, account 123456789012');
    });

    test('because its name is unknown, is unreachable with the reason', async () => {
      process.env.AWS_ENDPOINT_URL_ECR = 'http://ecr.invalid';
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('unreachable');
      expect(message).toMatch(/ENOTFOUND|EAI_AGAIN/);
    });

    test('because it hangs up every time, is unreachable with the reason', async () => {
      proxy.fault = () => 'hang up';
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('unreachable');
      expect(message).toMatch(/socket hang up|ECONNRESET/);
    });

    test('once, is asked again', async () => {
      proxy.fault = (_, count) => (count === 1 ? 'hang up' : found);
      expect((await resolved(new EcrSource(REGISTRY), imageRequest('web-client'))).images).toHaveLength(1);
    });
  });

  describe('that answers', () => {
    test('with an error of its own is asked again, and quoted when it stays', async () => {
      proxy.fault = () => awsError('ServerException', 'The request failed, and it is us', 500);
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('unreachable');
      expect(message).toContain('ServerException: The request failed, and it is us.');
      expect(proxy.asked).toHaveLength(8);
    });

    test('with a complaint about the request quotes it, and is not asked again', async () => {
      proxy.fault = () => awsError('InvalidParameterException', 'Invalid parameter at imageTag');
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('unreachable');
      expect(message).toContain('InvalidParameterException: Invalid parameter at imageTag.');
      expect(proxy.asked).toHaveLength(1);
    });

    test.each([
      [200, '<html>Sign in to the network</html>'],
      [404, 'not found'],
    ])('with what ECR never answers (HTTP %p, %s) is not ECR', async (status, body) => {
      proxy.fault = () => ({ status, body });
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('unreachable');
      expect(message).toBe(
        `What answers for ECR in eu-central-1, account 123456789012 is not ECR (HTTP ${status}, and no JSON). Check AWS_ENDPOINT_URL_ECR and the proxies on the way.`,
      );
    });

    test.each([
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'ExpiredTokenException',
      'MissingAuthenticationTokenException',
      'IncompleteSignatureException',
    ])('%s has no valid credentials', async (name) => {
      proxy.fault = () => awsError(name, 'The security token included in the request is invalid.');
      const { kind, message } = await problem(new EcrSource(REGISTRY), imageRequest('web-client'));
      expect(kind).toBe('credentials');
      expect(message).toContain('The security token included in the request is invalid. Check them');
    });

    test('no to one image and yes to the others refuses all, and names the one', async () => {
      proxy.fault = ({ repositoryName }) =>
        repositoryName === 'acme/b' ? awsError('ImageNotFoundException', 'no') : found;
      const { problems, requested } = await refusal(
        new EcrSource(REGISTRY),
        ...['a', 'b', 'c'].map((service) => imageRequest(service)),
      );
      expect(problems.map(({ request }) => request.service)).toEqual(['b']);
      expect(requested).toBe(3);
    });
  });
});
