import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

const PLATFORM = 'apiserver: { github: acme/apiserver, port: 8080, replicas: 2';
const platformWith = (secrets: string) => changed(GOOD_PLATFORM, PLATFORM, `${PLATFORM}, secrets: ${secrets}`);
const tenantWith = (secrets: string) => `${GOOD_TENANT}services:\n  apiserver:\n    secrets: ${secrets}\n`;
const BASE = '{ STRIPE_KEY: stripe/api-key, A_KEY: a.b/K_1 }';

/** What a service of globex takes, by the files. */
function secretsOf(files: Parameters<typeof load>[0], service = 'apiserver') {
  const [globex] = load(files).tenants.map((tenant) => tenantSettings(tenant));
  return globex?.services.find(({ name }) => name === service)?.secrets;
}

describe('the secrets of a service', () => {
  test('are those of the platform, sorted by variable', () => {
    expect(secretsOf({ 'platform.yaml': platformWith(BASE) })).toEqual([
      { name: 'A_KEY', secret: 'a.b', key: 'K_1' },
      { name: 'STRIPE_KEY', secret: 'stripe', key: 'api-key' },
    ]);
  });

  test('are overridden by its tenant variable by variable: another, one more, and none', () => {
    const own = tenantWith('{ STRIPE_KEY: own-stripe/key, A_KEY: null, B_KEY: b/k }');
    expect(secretsOf({ 'platform.yaml': platformWith(BASE), 'tenants/globex.yaml': own })).toEqual([
      { name: 'B_KEY', secret: 'b', key: 'k' },
      { name: 'STRIPE_KEY', secret: 'own-stripe', key: 'key' },
    ]);
  });

  test('are said to be none where there are none, so that no hand adds one unseen', () => {
    expect(secretsOf({})).toEqual([]);
    expect(secretsOf({ 'platform.yaml': platformWith(BASE) }, 'web-client')).toEqual([]);
    const none = tenantWith('{ STRIPE_KEY: null, A_KEY: null }');
    expect(secretsOf({ 'platform.yaml': platformWith(BASE), 'tenants/globex.yaml': none })).toEqual([]);
  });
});

describe('a secret is refused on its line', () => {
  const TAKEN =
    'is taken: PORT, TENANT, HOST and GIT_SHA tell a service what it is, and PG... how to reach its database';
  const FORM = 'must be a Secret and its key, such as stripe/api-key, or a key in the secret store';
  test.each([
    ['PORT: s/k', `"PORT" ${TAKEN}`],
    ['PGPASSWORD: s/k', `"PGPASSWORD" ${TAKEN}`],
    ['1A: s/k', '"1A" must be letters, digits and "_", and begin with no digit'],
    ['A-B: s/k', '"A-B" must be letters, digits and "_", and begin with no digit'],
    ['A: a/b/c', `services.apiserver.secrets.A ${FORM}`],
    ['A: /k', `services.apiserver.secrets.A ${FORM}`],
    ['A: { secret: stripe }', `services.apiserver.secrets.A ${FORM}`],
    [
      'A: Stripe/k',
      'services.apiserver.secrets.A names a Secret that must be lower-case letters, digits, "-" and ".", as the names of Secrets are',
    ],
    [
      'A: tenantry-credentials/password',
      'services.apiserver.secrets.A names a Secret that is kept for the database: its credentials arrive as PGUSER and PGPASSWORD',
    ],
    ['A: s/k y', 'services.apiserver.secrets.A names a key that must be letters, digits, "-", "_" and "."'],
    [
      'A: s/..k',
      'services.apiserver.secrets.A names a key that must not be "." nor begin with "..", which Kubernetes takes for no key',
    ],
  ])('as %s', (secret, message) => {
    expect(problems({ 'tenants/globex.yaml': tenantWith(`{ ${secret} }`) })).toEqual([
      `tenants/globex.yaml:4:${/^".*" /.test(message) ? 16 : secret.indexOf(':') + 18}: ${message}`,
    ]);
    expect(problems({ 'platform.yaml': platformWith(`{ ${secret} }`) })).toEqual([expect.stringContaining(message)]);
  });

  test('where a platform removes it, for only a tenant can', () => {
    expect(problems({ 'platform.yaml': platformWith('{ A: null }') })).toEqual([expect.stringContaining(FORM)]);
  });

  test('where a tenant removes one that its platform does not have, with the nearest', () => {
    const files = { 'platform.yaml': platformWith(BASE), 'tenants/globex.yaml': tenantWith('{ STRIPE: null }') };
    expect(problems(files)).toEqual([
      'tenants/globex.yaml:4:16: "STRIPE" is none of the platform\'s secrets of "apiserver" that could be removed; known: STRIPE_KEY, A_KEY',
    ]);
  });

  test('where there are more than a service can have, each for itself and together', () => {
    const many = (count: number, prefix: string) =>
      `{ ${Array.from({ length: count }, (_, n) => `${prefix}${n}: s/k`).join(', ')} }`;
    expect(problems({ 'platform.yaml': platformWith(many(65, 'A')) })).toEqual([
      expect.stringContaining('services.apiserver.secrets must have at most 64 variables'),
    ]);
    const files = (more: number) => ({
      'platform.yaml': platformWith(many(40, 'A')),
      'tenants/globex.yaml': tenantWith(many(more, 'B')),
    });
    expect(problems(files(25))).toEqual([
      'tenants/globex.yaml:4:14: with those of the platform, "apiserver" has more than 64 secrets',
    ]);
    expect(secretsOf(files(24))).toHaveLength(64);
  });
});
