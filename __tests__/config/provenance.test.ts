import { changed, GOOD_PLATFORM, load, problems } from './configuration-files';

const wanted = (platform: string) => {
  const { services, operator } = load({ 'platform.yaml': platform }).platform;
  return [...services, { name: 'operator', ...operator }]
    .filter(({ provenance }) => provenance === 'required')
    .map(({ name }) => name);
};
const REQUIRED = `${GOOD_PLATFORM}provenance: required\n`;

test('a platform file from before asks for no attestations', () => {
  expect(wanted(GOOD_PLATFORM)).toEqual([]);
});

test('a platform that asks for attestations asks for those of every service, and of the operator', () => {
  expect(wanted(REQUIRED)).toEqual(['apiserver', 'web-client', 'operator']);
});

test('a service, or the operator, may say otherwise', () => {
  expect(wanted(changed(REQUIRED, 'github: acme/apiserver', 'github: acme/apiserver, provenance: unchecked'))).toEqual([
    'web-client',
    'operator',
  ]);
  expect(
    wanted(changed(GOOD_PLATFORM, 'github: acme/apiserver', 'github: acme/apiserver, provenance: required')),
  ).toEqual(['apiserver']);
  expect(wanted(`${REQUIRED}operator: { provenance: unchecked }\n`)).toEqual(['apiserver', 'web-client']);
});

test('a second process of an image has the provenance of that image', () => {
  const worker = (settings: string) =>
    changed(
      REQUIRED,
      'cluster:\n',
      `  worker: { image: apiserver, command: [node, worker.js]${settings} }\ncluster:\n`,
    );
  expect(wanted(worker(''))).toContain('worker');
  expect(problems({ 'platform.yaml': worker(', provenance: unchecked') })).toEqual([
    expect.stringContaining('must be left out where the image is that of another service, which says it'),
  ]);
});

test('any other word is refused', () => {
  expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}provenance: yes\n` })).toEqual([
    expect.stringContaining('provenance must be required or unchecked'),
  ]);
});
