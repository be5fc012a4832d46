import { ImageProblem } from '../../lib/images/image-problem';
import { LiveSource, type RunningImage } from '../../lib/images/live';
import { registryHost } from '../../lib/images/pinned-image';
import type { ImageRequest } from '../../lib/images/request';
import type { ImageSource } from '../../lib/images/source';
import { imageRequest, problem, RELEASE, resolved } from './image-requests';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

/** What the registry would answer, with a note of what it was asked. */
class Registry implements ImageSource {
  readonly asked: string[] = [];

  async resolve(request: ImageRequest) {
    this.asked.push(`${request.service} ${request.release}`);
    return [{ ...pinnedImage(request.service, 'from the registry', request.tenants), release: request.release }];
  }
}

const running = (tenant: string, build: string, service = 'apiserver'): RunningImage => ({
  service,
  registry: registryHost(REGISTRY),
  repository: `acme/${service}`,
  tag: 'releases-0.0.2',
  tenant,
  digest: digestOf(build),
  commit: commitNamed(build),
});

describe('what is live as the source of images', () => {
  test('gives every tenant what it runs', async () => {
    const source = new LiveSource(async () => [running('a', 'old'), running('b', 'new')], new Registry());
    const images = await resolved(source, imageRequest('apiserver', { tenants: ['a', 'b'] }));
    expect(images.findImage('a', 'apiserver')).toMatchObject({
      digest: digestOf('old'),
      commits: [commitNamed('old')],
    });
    expect(images.findImage('b', 'apiserver')).toMatchObject({
      digest: digestOf('new'),
      commits: [commitNamed('new')],
    });
  });

  test('gives one image for all tenants that run the same', async () => {
    const source = new LiveSource(async () => [running('a', 'old'), running('b', 'old')], new Registry());
    const { images } = await resolved(source, imageRequest('apiserver', { tenants: ['a', 'b'] }));
    expect(images).toEqual([
      { ...imageRequest('apiserver', { tenants: ['a', 'b'] }), digest: digestOf('old'), commits: [commitNamed('old')] },
    ]);
  });

  test('asks the registry for nothing that runs', async () => {
    const registry = new Registry();
    await resolved(
      new LiveSource(async () => [running('a', 'old')], registry),
      imageRequest('apiserver', { tenants: ['a'] }),
    );
    expect(registry.asked).toEqual([]);
  });

  test('gives a new tenant the image that most others run', async () => {
    const source = new LiveSource(
      async () => [running('a', 'new'), running('b', 'old'), running('c', 'old')],
      new Registry(),
    );
    const images = await resolved(source, imageRequest('apiserver', { tenants: ['a', 'b', 'c', 'newcomer'] }));
    expect(images.findImage('newcomer', 'apiserver').digest).toBe(digestOf('old'));
    expect(images.findImage('a', 'apiserver').digest).toBe(digestOf('new'));
  });

  test('gives a new tenant the same image every time, where as many run one as another', async () => {
    const request = imageRequest('apiserver', { tenants: ['newcomer'] });
    const live = [running('a', 'one'), running('b', 'two'), running('c', 'three')];
    const answers = await Promise.all(
      [live, [...live].reverse(), [live[1], live[0], live[2]] as RunningImage[]].map(async (order) =>
        (await resolved(new LiveSource(async () => order, new Registry()), request)).findImage('newcomer', 'apiserver'),
      ),
    );
    expect(new Set(answers.map(({ digest }) => digest)).size).toBe(1);
  });

  test('gives a new tenant the same commit every time, where one image runs under several', async () => {
    const request = imageRequest('apiserver', { tenants: ['newcomer'] });
    const live = ['a', 'b', 'c'].map((tenant) => ({ ...running(tenant, 'same'), commit: commitNamed(tenant) }));
    const commits = await Promise.all(
      [live, [...live].reverse()].map(
        async (order) =>
          (await resolved(new LiveSource(async () => order, new Registry()), request)).findImage(
            'newcomer',
            'apiserver',
          ).commits,
      ),
    );
    expect(commits[0]).toEqual(commits[1]);
  });

  test('asks the registry where the service has moved to another repository', async () => {
    const moved = { ...running('a', 'old'), repository: 'acme/elsewhere' };
    const registry = new Registry();
    await resolved(new LiveSource(async () => [moved], registry), imageRequest('apiserver', { tenants: ['a'] }));
    expect(registry.asked).toEqual(['apiserver releases/0.0.2']);
  });

  test('gives the operator what it runs', async () => {
    const { tenant: _, ...operator } = running('', 'operator', 'operator');
    const images = await resolved(
      new LiveSource(async () => [operator], new Registry()),
      imageRequest('operator', { tenants: [] }),
    );
    expect(images.findOperator().digest).toBe(digestOf('operator'));
  });

  test.each([
    ['a release that runs nowhere', imageRequest('apiserver', { release: 'releases/0.0.3', tenants: ['a'] })],
    ['a service that runs nowhere', imageRequest('billing', { tenants: ['a'] })],
    ['an operator that is not installed', imageRequest('operator', { tenants: [] })],
  ])('asks the registry for %s', async (_, request) => {
    const registry = new Registry();
    const { images } = await resolved(new LiveSource(async () => [running('a', 'old')], registry), request);
    expect(registry.asked).toEqual([`${request.service} ${request.release}`]);
    expect(images).toMatchObject([{ digest: digestOf(`${request.service} from the registry`) }]);
  });

  test.each([
    ['an image by tag', { digest: 'apiserver:latest' }],
    ['no image', { digest: '' }],
    ['a commit that is none', { commit: 'main' }],
  ])('does not take %s, which somebody put there by hand', async (_, wrong) => {
    const registry = new Registry();
    const source = new LiveSource(async () => [{ ...running('a', 'old'), ...wrong }], registry);
    await resolved(source, imageRequest('apiserver', { tenants: ['a'] }));
    expect(registry.asked).toEqual([`apiserver ${RELEASE}`]);
  });

  test('gives a tenant whose image is none what most others run', async () => {
    const source = new LiveSource(
      async () => [{ ...running('a', 'old'), digest: 'latest' }, running('b', 'new')],
      new Registry(),
    );
    const images = await resolved(source, imageRequest('apiserver', { tenants: ['a', 'b'] }));
    expect(images.findImage('a', 'apiserver').digest).toBe(digestOf('new'));
  });

  test('leaves out what only tenants run that are gone', async () => {
    const source = new LiveSource(async () => [running('a', 'old'), running('gone', 'ancient')], new Registry());
    const { images } = await resolved(source, imageRequest('apiserver', { tenants: ['a'] }));
    expect(images.map(({ digest }) => digest)).toEqual([digestOf('old')]);
  });

  test("has the registry's problem where that cannot answer either", async () => {
    const registry: ImageSource = {
      resolve: async (request) => {
        throw new ImageProblem(request, 'missing-image', 'There is none.');
      },
    };
    expect((await problem(new LiveSource(async () => [], registry), imageRequest('apiserver'))).kind).toBe(
      'missing-image',
    );
  });
});
