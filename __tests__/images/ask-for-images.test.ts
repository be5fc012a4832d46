import { ImageProblem } from '../../lib/images/image-problem';
import type { PinnedImage } from '../../lib/images/pinned-image';
import { type ImageRequest, imageRequests } from '../../lib/images/request';
import { askForImages } from '../../lib/images/resolve';
import type { ImageSource } from '../../lib/images/source';
import { PLATFORM, tenant } from '../stacks/pinned-platform';

/** Has every image but one, and remembers what it was asked. */
class AllButTheWorker implements ImageSource {
  readonly asked: string[] = [];

  async resolve(request: ImageRequest): Promise<PinnedImage[]> {
    this.asked.push(request.service);
    if (request.service === 'worker') throw new ImageProblem(request, 'missing-image', 'There is no such image.');
    return [{ ...request, digest: `sha256:${'a'.repeat(64)}`, commits: ['b'.repeat(40)] }];
  }
}

const requests = imageRequests(PLATFORM, [tenant('amber'), tenant('birch')]);

test('somebody who only looks gets the images that are there, and why the others are not', async () => {
  const source = new AllButTheWorker();
  const { images, problems } = await askForImages(requests, source);

  expect(images.map(({ service }) => service)).toEqual(['apiserver', 'operator']);
  expect(problems).toMatchObject([{ request: { service: 'worker' }, message: 'There is no such image.' }]);
  expect(source.asked).toEqual(['apiserver', 'operator', 'worker']);
});

test('a fault of the program is no problem of an image', async () => {
  const broken: ImageSource = { resolve: () => Promise.reject(new TypeError('x is not a function')) };
  await expect(askForImages(requests, broken)).rejects.toThrow(TypeError);
});
