import { chooseSource } from '../../lib/images/choose-source';
import { describeForeign, foreignImages } from '../../lib/images/foreign-images';
import type { RunningImage } from '../../lib/images/live';
import { parseReference, registryHost } from '../../lib/images/pinned-image';
import { load } from '../config/configuration-files';
import { imageRequest, resolved } from './image-requests';
import { commitNamed, digestOf } from './local-ecr';
import { inAcme } from './pinned-images';

const platform = inAcme(load().platform);
const host = registryHost(platform.registry);
const digest = digestOf('one');
const runs = (tenant: string, reference: string): RunningImage => ({
  service: 'apiserver',
  tag: 'releases-0.0.2',
  tenant,
  ...parseReference(reference),
  commit: commitNamed('one'),
});

describe('the way back from a reference to an image', () => {
  test.each([
    [`${host}/acme/apiserver@${digest}`, host, 'acme/apiserver'],
    [`docker.io/acme/apiserver@${digest}`, 'docker.io', 'acme/apiserver'],
    [`localhost:5000/apiserver@${digest}`, 'localhost:5000', 'apiserver'],
    [`acme/apiserver@${digest}`, '', 'acme/apiserver'],
    [`apiserver@${digest}`, '', 'apiserver'],
  ])('of %s keeps its registry', (reference, registry, repository) => {
    expect(parseReference(reference)).toEqual({ registry, repository, digest });
  });
});

describe('an image of another registry that somebody set by hand', () => {
  const ours = runs('globex', `${host}/acme/apiserver@${digest}`);
  const theirs = [
    `docker.io/acme/apiserver@${digestOf('evil')}`,
    `acme/apiserver@${digestOf('evil')}`,
    `${host.replace('123456789012', '210987654321')}/acme/apiserver@${digestOf('evil')}`,
  ];

  test.each(theirs)('is none of ours, though its repository is called alike: %s', async (reference) => {
    const { source } = chooseSource('live', platform, async () => [ours, runs('hooli', reference)]);
    const images = await resolved(source, imageRequest('apiserver', { tenants: ['globex', 'hooli'] }));
    expect(images.findImage('hooli', 'apiserver').digest).toBe(digest);
  });

  test.each([...theirs, `${host}/acme/other@${digest}`, `${host}/acme/apiserver:latest`])(
    'is named: %s',
    (reference) => {
      const running = [ours, runs('hooli', reference), runs('gone', reference)];
      const found = foreignImages(
        running,
        [imageRequest('apiserver', { tenants: ['globex', 'hooli'] })],
        platform.registry,
      );
      expect(found.map(describeForeign)).toEqual([`hooli apiserver ${reference}`]);
    },
  );
});
