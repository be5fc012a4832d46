import { ImageProblem, UnresolvedImages } from '../../lib/images/image-problem';
import type { ImageRequest } from '../../lib/images/request';
import { resolveImages } from '../../lib/images/resolve';
import { imageRequest } from './image-requests';
import { REGISTRY } from './local-ecr';

const problem = (request: ImageRequest, message: string) => new ImageProblem(request, 'missing-image', message);

describe('what a person reads when images cannot be deployed', () => {
  test('names service, release, tag, repository and tenants, and then says what to do', () => {
    const { message } = new UnresolvedImages([problem(imageRequest('web-client'), 'Do this.')], 3);
    expect(message).toBe(
      [
        '1 of 3 images cannot be deployed, so nothing is:',
        '  web-client releases/0.0.2 (tag releases-0.0.2 in acme/web-client, wanted by globex)',
        '    Do this.',
      ].join('\n'),
    );
  });

  test('says what several images have in common once, below all of them', () => {
    const { message } = new UnresolvedImages(
      [
        problem(imageRequest('a', { tenants: [] }), 'Do this.'),
        problem(imageRequest('b', { tenants: [] }), 'Do that.'),
        problem(imageRequest('c', { tenants: [] }), 'Do this.'),
      ],
      3,
    );
    expect(message).toBe(
      [
        '3 of 3 images cannot be deployed, so nothing is:',
        '  a releases/0.0.2 (tag releases-0.0.2 in acme/a)',
        '  c releases/0.0.2 (tag releases-0.0.2 in acme/c)',
        '    Do this.',
        '  b releases/0.0.2 (tag releases-0.0.2 in acme/b)',
        '    Do that.',
      ].join('\n'),
    );
  });

  test.each([
    [['a'], 'wanted by a'],
    [['a', 'b', 'c'], 'wanted by a, b, c'],
    [['a', 'b', 'c', 'd'], 'wanted by a, b and 2 more tenants'],
    [Array.from({ length: 200 }, (_, n) => `t${n}`), 'wanted by t0, t1 and 198 more tenants'],
  ])('names few tenants and counts many (%#)', (tenants, words) => {
    const { message } = new UnresolvedImages([problem(imageRequest('a', { tenants }), 'Do this.')], 1);
    expect(message).toContain(`acme/a, ${words})`);
  });

  test('keeps every line of a long reason together with its image', () => {
    const { message } = new UnresolvedImages([problem(imageRequest('a'), 'First.\nSecond.')], 1);
    expect(message.split('\n').slice(2)).toEqual(['    First.', '    Second.']);
  });

  test('gives a program the requests and kinds, and the cause of each', async () => {
    const cause = new Error('the network');
    const source = {
      resolve: async (request: ImageRequest) => {
        throw new ImageProblem(request, 'unreachable', 'It is away.', { cause });
      },
    };
    const request = imageRequest('web-client');
    const error = await resolveImages([request], source, REGISTRY).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnresolvedImages);
    expect((error as UnresolvedImages).requested).toBe(1);
    expect((error as UnresolvedImages).problems[0]).toMatchObject({ request, kind: 'unreachable', cause });
  });

  test('is never a fault of this program: that is thrown as it is', async () => {
    const fault = new TypeError('undefined is not a function');
    const source = {
      resolve: async () => {
        throw fault;
      },
    };
    await expect(resolveImages([imageRequest('web-client')], source, REGISTRY)).rejects.toBe(fault);
  });
});
