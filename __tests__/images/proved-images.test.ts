import { ImageSet } from '../../lib/images/image-set';
import { provedImages } from '../../lib/images/proved-images';
import { OPERATOR } from '../../lib/images/request';
import { GOOD_PLATFORM, load } from '../config/configuration-files';

const PLATFORM = GOOD_PLATFORM.replace(
  'cluster:\n',
  '  worker: { image: apiserver, command: [work] }\n  nightly: { image: apiserver, command: [work], schedule: "0 3 * * *" }\ncluster:\n',
);
const OFF = ['apiserver', 'worker', 'nightly'];

/** Names of the tenants that prove each service's image, by the lines of globex's file and of initech's. */
function proved(globex: string, initech = 'suspend: true\n') {
  const files = {
    'platform.yaml': PLATFORM,
    'tenants/globex.yaml': `host: globex.example.com\n${globex}`,
    'tenants/initech.yaml': `host: initech.example.com\n${initech}`,
  };
  const { platform, tenants } = load(files);
  const names = tenants.map(({ name }) => name);
  const images = ['web-client', 'apiserver', OPERATOR].map((service) => ({
    service,
    release: 'releases/0.0.2',
    repository: service,
    tag: 'releases-0.0.2',
    digest: `sha256:${'0'.repeat(64)}`,
    commits: ['a'.repeat(40)],
    tenants: service === OPERATOR ? [] : names,
  }));
  const found = provedImages(new ImageSet(platform.registry, images), tenants).images;
  return Object.fromEntries(found.map((image) => [image.service, image.tenants]));
}

const without = (services: readonly string[]) =>
  `services: { ${services.map((name) => (name === 'nightly' ? `${name}: {}` : `${name}: { replicas: 0 }`)).join(', ')} }\n`;

describe('the images that an environment proves by having converged', () => {
  test('are those that a tenant runs pods of, and the operator itself', () => {
    expect(proved('')).toEqual({ 'web-client': ['globex'], apiserver: ['globex'], [OPERATOR]: [] });
    expect(proved('', '')).toMatchObject({ apiserver: ['globex', 'initech'] });
  });

  test.each(['suspend: true\n', 'decommission: true\n'])(
    'are none of a tenant with %j, though it converges',
    (line) => {
      expect(proved(line)).toEqual({ [OPERATOR]: [] });
      expect(proved('', line)).toMatchObject({ apiserver: ['globex'] });
    },
  );

  test('are none of a service without pods, unless another service runs the image', () => {
    expect(proved('services: { web-client: { replicas: 0 } }\n')).not.toHaveProperty('web-client');
    expect(proved(without(OFF.slice(0, 1)))).toMatchObject({ apiserver: ['globex'] });
  });

  test('are those that a job runs at its time', () => {
    expect(proved(without(OFF.slice(0, 2)))).toMatchObject({ apiserver: ['globex'] });
  });
});
