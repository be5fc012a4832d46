import { ConvergedSource, describeHeld } from '../../lib/images/converged';
import { ImageProblem } from '../../lib/images/image-problem';
import type { RunningImage } from '../../lib/images/live';
import { type PinnedImage, registryHost } from '../../lib/images/pinned-image';
import type { ImageRequest } from '../../lib/images/request';
import type { ImageSource } from '../../lib/images/source';
import { imageRequest, problem, resolved } from './image-requests';
import { commitNamed, digestOf, REGISTRY } from './local-ecr';
import { pinnedImage } from './pinned-images';

/** The registry of production, by commits' tags. */
class Registry implements ImageSource {
  readonly asked: string[] = [];

  constructor(private readonly images: readonly PinnedImage[]) {}

  async resolve(request: ImageRequest) {
    this.asked.push(request.tag);
    const image = this.images.find(({ commits }) => commits.includes(request.tag));
    if (!image) throw new ImageProblem(request, 'missing-image', 'There is no such image.');
    return [{ ...image, ...request }];
  }
}

const platform = { registry: REGISTRY, after: { file: 'staging.yaml', name: 'staging', registry: REGISTRY } };
const onStaging = (build: string) => pinnedImage('apiserver', build, ['acceptance']);
const running: RunningImage = {
  service: 'apiserver',
  registry: registryHost(REGISTRY),
  repository: 'acme/apiserver',
  tag: 'releases-0.0.2',
  tenant: 'globex',
  digest: digestOf('apiserver old'),
  commit: commitNamed('old'),
};

interface Given {
  readonly converged?: readonly PinnedImage[];
  readonly registry?: readonly PinnedImage[];
  readonly runs?: readonly RunningImage[];
}

function production({ converged, registry = converged ?? [], runs = [running] }: Given) {
  const ecr = new Registry(registry);
  return { ecr, source: new ConvergedSource(platform, converged, ecr, async () => runs) };
}

describe('an environment after staging', () => {
  test('takes what staging has converged on, whatever was pushed since, for its own tenants', async () => {
    const { source, ecr } = production({ converged: [onStaging('good')] });
    const request = imageRequest('apiserver', { tenants: ['globex', 'initech'] });
    const { images } = await resolved(source, request);
    expect(images).toEqual([{ ...onStaging('good'), tag: 'releases-0.0.2', tenants: ['globex', 'initech'] }]);
    expect(ecr.asked).toEqual([commitNamed('good')]);
    expect(source.held).toEqual([]);
  });

  test.each<[string, readonly PinnedImage[] | undefined, string]>([
    ['staging did not converge', undefined, 'this run was not told that every tenant of staging.yaml has converged'],
    [
      'staging runs another release',
      [{ ...onStaging('newer'), release: 'releases/0.0.3' }],
      'no tenant of staging.yaml runs it',
    ],
    [
      'staging runs several images of it',
      [onStaging('one'), pinnedImage('apiserver', 'two', ['other'])],
      'tenants of staging.yaml run several images of it',
    ],
  ])('keeps what it runs, and says why, where %s', async (_, converged, because) => {
    const { source, ecr } = production(converged ? { converged } : {});
    const { images } = await resolved(source, imageRequest('apiserver'));
    expect(images).toMatchObject([{ digest: running.digest, commits: [running.commit], tenants: ['globex'] }]);
    expect(ecr.asked).toEqual([]);
    expect(describeHeld(source.held)).toEqual([
      `held: apiserver releases/0.0.2: what runs here stays, since ${because}`,
    ]);
  });

  test('deploys nothing where staging did not converge and nothing runs here that could be kept: one message says what to do', async () => {
    const { source } = production({ runs: [] });
    const { kind, message } = await problem(source, imageRequest('apiserver'));
    expect(kind).toBe('not-converged');
    expect(message).toBe(
      'It may not be taken yet, since this run was not told that every tenant of staging.yaml has converged, and nothing of it runs here that could be kept. ' +
        'Give a tenant of staging.yaml the release releases/0.0.2; when all have converged there, the run takes it.',
    );
  });

  test('waits for a registry of its own to have the image', async () => {
    const { source } = production({ converged: [onStaging('good')], registry: [] });
    const { kind, message } = await problem(source, imageRequest('apiserver'));
    expect(kind).toBe('missing-image');
    expect(message).toContain(`staging.yaml has converged on commit ${commitNamed('good').slice(0, 7)}, and `);
    expect(message).toContain('If it is replicated');
  });

  test('refuses an image of the same commit that is another one', async () => {
    const rebuilt = { ...onStaging('good'), digest: digestOf('rebuilt') };
    const { source } = production({ converged: [onStaging('good')], registry: [rebuilt] });
    const { kind, message } = await problem(source, imageRequest('apiserver'));
    expect(kind).toBe('not-converged');
    expect(message).toContain(`another image, ${rebuilt.digest}`);
  });
});
