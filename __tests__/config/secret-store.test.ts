import { join } from 'node:path';
import { configurationOf, loadSources } from '../../lib/config/load';
import { originsOf } from '../../lib/config/origins';
import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, inFolder, load, problems } from './configuration-files';

const LINE = GOOD_PLATFORM.split('\n').length;
const API = 'apiserver: { github: acme/apiserver, port: 8080, replicas: 2';
const PATH = 'acme/{tenant}/{service}';

/** A platform whose `apiserver` has these secrets, with this store; without one where it is undefined. */
const platformWith = (secrets: string, store?: string) =>
  `${changed(GOOD_PLATFORM, API, `${API}, secrets: ${secrets}`)}${store === undefined ? '' : `secretStore: ${store}\n`}`;

const settingsOf = (files: Parameters<typeof load>[0]) => load(files).tenants.map((one) => tenantSettings(one));
const pathsOf = (files: Parameters<typeof load>[0]) =>
  settingsOf(files).map(({ services }) => services.map(({ name, secretPath }) => `${name} ${secretPath}`));

describe('the secret store', () => {
  test('is asked for the Secret of each service that is taken from, at the path of its tenant', () => {
    const files = {
      'platform.yaml': platformWith('{ STRIPE_KEY: stripe-key }', `{ name: aws, path: "${PATH}" }`),
      'tenants/hooli.yaml': 'host: hooli.example.com\n',
    };
    expect(settingsOf(files).map(({ secretStore }) => secretStore)).toEqual([
      { kind: 'ClusterSecretStore', name: 'aws', refreshSeconds: 3600 },
      { kind: 'ClusterSecretStore', name: 'aws', refreshSeconds: 3600 },
    ]);
    expect(pathsOf(files)).toEqual([
      ['apiserver acme/globex/apiserver', 'web-client '],
      ['apiserver acme/hooli/apiserver', 'web-client '],
    ]);
    expect(settingsOf(files)[0]?.services[0]?.secrets).toEqual([
      { name: 'STRIPE_KEY', secret: 'apiserver', key: 'stripe-key' },
    ]);
  });

  test('is asked for the Secret of a service that only another one takes from, and for none of another name', () => {
    const store = `{ name: aws, kind: SecretStore, refresh: 10m, path: "${PATH}" }`;
    const files = { 'platform.yaml': platformWith('{ A: web-client/a, B: stripe/key }', store) };
    expect(pathsOf(files)).toEqual([['apiserver ', 'web-client acme/globex/web-client']]);
    expect(settingsOf(files)[0]?.secretStore).toEqual({ kind: 'SecretStore', name: 'aws', refreshSeconds: 600 });
  });

  test('is asked for nothing where a tenant takes nothing from it, and no service has its Secret from there without it', () => {
    const store = `{ name: aws, path: "${PATH}" }`;
    const none = 'host: globex.example.com\nservices: { apiserver: { secrets: { A: null } } }\n';
    expect(pathsOf({ 'platform.yaml': platformWith('{ A: a }', store), 'tenants/globex.yaml': none })).toEqual([
      ['apiserver ', 'web-client '],
    ]);
    expect(pathsOf({ 'platform.yaml': platformWith('{ A: apiserver/a }') })).toEqual([['apiserver ', 'web-client ']]);
  });

  test('is named as where a path comes from', () => {
    const files = { 'platform.yaml': platformWith('{ A: a }', `{ name: aws, path: "${PATH}" }`) };
    const origins = inFolder(files, (folder) => {
      const loaded = loadSources(join(folder, 'platform.yaml'));
      return configurationOf(loaded).tenants.flatMap((tenant) => originsOf(tenant, loaded));
    });
    const at = (field: string) => {
      const from = origins.find((one) => one.field === field)?.from;
      return typeof from === 'object' ? `${from.line}:${from.column}` : from;
    };
    expect(at('secretPath')).toBe(`${LINE}:33`);
    expect(at('secretStore.name')).toBe(`${LINE}:22`);
    expect(at('secretStore.refreshSeconds')).toBe('default');
  });
});

/** Without the place. */
const MESSAGE = (line: string) => line.replace(/^\S+: /, '');

describe('a secret store is refused on its line', () => {
  test.each([
    ['{ path: "a/{tenant}/{service}" }', 14, 'secretStore.name is missing'],
    ['{ name: aws }', 14, 'secretStore.path is missing'],
    [
      '{ name: AWS, path: "a/{tenant}/{service}" }',
      22,
      'secretStore.name must be the name of a store: lower-case letters, digits, "-" and "."',
    ],
    [
      '{ name: aws, kind: secretstore, path: "a/{tenant}/{service}" }',
      33,
      'secretStore.kind must be ClusterSecretStore or SecretStore',
    ],
    [
      '{ name: aws, refresh: 9s, path: "a/{tenant}/{service}" }',
      36,
      'secretStore.refresh must be from 10s to a week (168h)',
    ],
    [
      '{ name: aws, path: "a/{tennant}/{service}" }',
      33,
      'secretStore.path has {tennant}, for which there is nothing to fill in; did you mean "tenant"?',
    ],
    [
      '{ name: aws, path: "a/{service}" }',
      33,
      'secretStore.path has no {tenant}: each service of each tenant needs a path of its own, such as acme/{tenant}/{service}',
    ],
    [
      '{ name: aws, path: a }',
      33,
      'secretStore.path has no {tenant} and {service}: each service of each tenant needs a path of its own, such as acme/{tenant}/{service}',
    ],
    [
      '{ name: aws, path: "/{tenant}/{service}" }',
      33,
      'secretStore.path comes to "/globex/apiserver" for apiserver of globex, and must be letters, digits and "_/+=.@:-", beginning with a letter, digit or "_", and ending with no "/" or ":"',
    ],
  ])('%s', (store, column, message) => {
    const found = problems({ 'platform.yaml': platformWith('{ A: a }', store) });
    expect(found).toEqual([`platform.yaml:${LINE}:${column}: ${message}`]);
  });

  test('where two services come to one path, though their names differ', () => {
    const found = problems({
      'platform.yaml': changed(
        platformWith('{ A: a }', '{ name: gcp, path: "{tenant}-{service}" }'),
        API,
        `client-apiserver: { github: acme/other, port: 8080, secrets: { A: a } }\n  ${API}`,
      ),
      'tenants/globex-client.yaml': 'host: b.example.com\n',
    });
    expect(found.map(MESSAGE)).toEqual([
      'secretStore.path comes to "globex-client-apiserver" for client-apiserver of globex and for apiserver of globex-client: put something between the two that no name has, such as "/"',
    ]);
  });

  test('where a key alone is named, and there is no store', () => {
    const files = { 'platform.yaml': platformWith('{ STRIPE_KEY: stripe-key }') };
    expect(problems(files).map(MESSAGE)).toEqual([
      'services.apiserver.secrets.STRIPE_KEY is "stripe-key", a key alone: that is one in the secret store, and the platform has no "secretStore". Write Secret/key, such as stripe/stripe-key (in the tenant "globex")',
    ]);
  });

  test('where a service is called as a Secret that is kept for the database', () => {
    const files = {
      'platform.yaml': changed(
        platformWith('{}', `{ name: aws, path: "${PATH}" }`),
        API,
        `database: { github: acme/other, port: 8080, secrets: { A: a } }\n  ${API}`,
      ),
    };
    expect(problems(files).map(MESSAGE)).toEqual([
      'services.database.secrets.A is a key of the Secret "database", which is kept for the database: its credentials arrive as PGUSER and PGPASSWORD. Give the service another name (in the tenant "globex")',
    ]);
  });
});
