import { pinsOf } from '../../cli/freeze/pins';
import { divergences } from '../../lib/fleet/divergence';
import { imageRequests } from '../../lib/images/request';
import { isChosenAlone } from '../../lib/stacks/chosen-alone';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { deployed } from '../fleet/live-fleet';
import { imagesFor } from '../stacks/pinned-platform';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

const WORKER = '  worker: { image: apiserver, command: [node, worker.js] }\n';
const withWorker = (worker = WORKER) => changed(GOOD_PLATFORM, 'cluster:\n', `${worker}cluster:\n`);

describe('a second process of an image', () => {
  const { platform, tenants } = load({
    'platform.yaml': withWorker(),
    'tenants/globex.yaml': `${GOOD_TENANT}services: { apiserver: { release: releases/0.0.3 } }\n`,
  });
  const [globex] = tenants as [(typeof tenants)[0]];

  test('is built where the image is, and has its release', () => {
    expect(platform.services[2]).toMatchObject({
      name: 'worker',
      image: 'apiserver',
      repository: 'apiserver',
      github: 'acme/apiserver',
    });
    expect(globex.services[2]).toMatchObject({ name: 'worker', image: 'apiserver', release: 'releases/0.0.3' });
  });

  test('asks for no image of its own', () => {
    expect(imageRequests(platform, tenants).map(({ service }) => service)).toEqual([
      'apiserver',
      'operator',
      'web-client',
    ]);
  });

  test('is given the same image and commit, and no more of it than that', () => {
    const [apiserver, , worker] = tenantManifest(globex, imagesFor(tenants)).spec.services;
    expect(worker).toMatchObject({ name: 'worker', image: apiserver?.image, commit: apiserver?.commit, port: 0 });
    expect(isChosenAlone(globex, tenants, imagesFor(tenants))).toBe(true);
  });

  test('is on other images when the image has moved on', () => {
    const moved = divergences(globex, imagesFor(tenants, 'second'), deployed(globex));
    expect(moved.map(({ service }) => service)).toEqual(['apiserver', 'web-client', 'worker']);
    expect(divergences(globex, imagesFor(tenants), deployed(globex))).toEqual([]);
  });

  test('is pinned by its image', () => {
    expect(() => pinsOf(['worker=1234567'], [], { platform, tenants })).toThrow(
      'worker runs the image of apiserver: pin that',
    );
  });
});

describe('a service', () => {
  const written = (worker: string) => problems({ 'platform.yaml': withWorker(`  worker: { ${worker} }\n`) });

  test('needs an image of its own or that of another, and not both', () => {
    expect(written('command: [x]')).toEqual(['platform.yaml:10:11: services.worker.github is missing']);
    expect(written('image: apiserver, github: acme/worker, repository: worker')).toEqual([
      'platform.yaml:10:39: services.worker.github must be left out where the image is that of another service, which its "github" builds',
      'platform.yaml:10:64: services.worker.repository must be left out where the image is that of another service, and lies in its repository',
    ]);
  });

  test('can run no image that there is not, nor by a detour', () => {
    expect(written('image: apisrver')).toEqual([
      'platform.yaml:10:20: there is no service "apisrver", whose image "worker" could run; did you mean "apiserver"?',
    ]);
    expect(written('image: worker')).toEqual([
      'platform.yaml:10:20: "worker" can not run its own image by "image": leave it out, and give it a "github"',
    ]);
    const chain = withWorker(`${WORKER}  nightly: { image: worker }\n`);
    expect(problems({ 'platform.yaml': chain })).toEqual([
      'platform.yaml:11:21: "worker" runs the image of "apiserver": name that here, if it is meant',
    ]);
  });

  test('has the release of its image, also where a tenant says another', () => {
    const tenant = `${GOOD_TENANT}services: { worker: { release: releases/0.0.3 } }\n`;
    expect(problems({ 'platform.yaml': withWorker(), 'tenants/globex.yaml': tenant })).toEqual([
      'tenants/globex.yaml:2:32: "worker" runs the image of "apiserver", whose release it has: say "release" there',
    ]);
  });
});
