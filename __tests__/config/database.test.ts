import { tenantSettings } from '../../lib/config/tenant-settings';
import { GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

const files = (platform: string, tenant: string) => ({
  'platform.yaml': `${GOOD_PLATFORM}${platform}`,
  'tenants/globex.yaml': `${GOOD_TENANT}${tenant}`,
});
const databaseOf = (platform: string, tenant: string) => {
  const [globex] = load(files(platform, tenant)).tenants;
  return globex && tenantSettings(globex).database;
};
const SERVERS = 'database: { servers: [eu-1, eu-2], connectionLimit: 40 }\n';

describe('the database of a tenant', () => {
  test('is on the default server, with all its connections, where nobody says more', () => {
    const database = { name: 'tenant_globex', deletionPolicy: 'Retain', server: '', connectionLimit: 0, rotation: '' };
    expect(databaseOf('', '')).toEqual(database);
  });

  test('is on the server that the tenant names, and has the connections of the platform or its own', () => {
    expect(databaseOf(SERVERS, '')).toMatchObject({ server: '', connectionLimit: 40 });
    expect(databaseOf(SERVERS, 'database: { server: eu-2 }\n')).toMatchObject({ server: 'eu-2', connectionLimit: 40 });
    expect(databaseOf(SERVERS, 'database: { connectionLimit: 5 }\n')).toMatchObject({ connectionLimit: 5 });
    expect(databaseOf(SERVERS, 'database: { connectionLimit: 0 }\n')).toMatchObject({ connectionLimit: 0 });
  });

  test('has the credentials that the platform asks for, or those that its own file does', () => {
    const PLATFORM = 'database: { rotation: 2026-11 }\n';
    expect(databaseOf(PLATFORM, '')).toMatchObject({ rotation: '2026-11' });
    expect(databaseOf(PLATFORM, 'database: { rotation: after-the-leak }\n')).toMatchObject({
      rotation: 'after-the-leak',
    });
    expect(databaseOf('', 'database: { rotation: "202611" }\n')).toMatchObject({ rotation: '202611' });
  });

  test('is on no server that the platform does not name', () => {
    expect(problems(files(SERVERS, 'database: { server: eu2 }\n'))).toEqual([
      'tenants/globex.yaml:2:21: there is no server "eu2" in "database.servers" of the platform file; did you mean "eu-2"?',
    ]);
    expect(problems(files('', 'database: { server: eu-2 }\n'))).toEqual([
      'tenants/globex.yaml:2:21: there is no server "eu-2" in "database.servers" of the platform file',
    ]);
  });

  test.each([
    ['{ servers: [EU] }', 23, 'database.servers.0 must be lower-case letters, digits and "-", as Kubernetes names are'],
    [
      '{ servers: [eu.2] }',
      23,
      'database.servers.0 must be lower-case letters, digits and "-", as Kubernetes names are',
    ],
    ['{ servers: [eu, eu] }', 22, 'database.servers names a server twice'],
    ['{ connectionLimit: -1 }', 30, 'database.connectionLimit must be 0 or more'],
    ['{ rotation: 202611 }', 23, 'database.rotation must be text, such as 2026-11; write a number in quotes'],
    [
      '{ rotation: -a }',
      23,
      'database.rotation must be letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ],
    [`{ rotation: ${'a'.repeat(64)} }`, 23, 'database.rotation must have at most 63 characters'],
    ['{ connectionLimit: many }', 30, 'database.connectionLimit must be a whole number'],
  ])('is refused where it is none: %s', (database, column, message) => {
    expect(problems(files(`database: ${database}\n`, ''))).toEqual([`platform.yaml:15:${column}: ${message}`]);
  });
});
