import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

/** The good platform, whose web-client has this role. */
const platform = (role: string) => changed(GOOD_PLATFORM, 'port: 3000 }', `port: 3000, role: "${role}" }`);
const tenant = (role: string) => `${GOOD_TENANT}services: { web-client: { role: "${role}" } }\n`;
const rolesOf = (files: Record<string, string>) =>
  load(files).tenants.map((one) => tenantSettings(one).services.find(({ name }) => name === 'web-client')?.role);
const ARN = 'arn:aws:iam::123456789012:role';
const MUST =
  'must be the ARN of a role, such as arn:aws:iam::123456789012:role/acme-globex, whose name has at most 64 characters';

describe('the role of a service', () => {
  test('is filled in for each tenant', () => {
    const files = {
      'platform.yaml': platform(`${ARN}/{service}/acme-{tenant}`),
      'tenants/acme.yaml': 'host: acme.example.com\n',
    };
    expect(rolesOf(files)).toEqual([`${ARN}/web-client/acme-acme`, `${ARN}/web-client/acme-globex`]);
  });

  test('is the one that the tenant names, where it names one', () => {
    const files = {
      'platform.yaml': platform(`${ARN}/acme-{tenant}`),
      'tenants/globex.yaml': tenant(`${ARN}/special`),
    };
    expect(rolesOf(files)).toEqual([`${ARN}/special`]);
  });

  test('is none where nobody names one', () => {
    expect(rolesOf({})).toEqual(['']);
  });

  test.each([
    ['tennant', '; did you mean "tenant"?'],
    ['region', '; known: tenant, service'],
    ['', '; known: tenant, service'],
  ])('has nothing to fill in for {%s}', (placeholder, suggestion) => {
    const why = `services.web-client.role has {${placeholder}}, for which there is nothing to fill in${suggestion}`;
    expect(problems({ 'platform.yaml': platform(`${ARN}/{${placeholder}}`) })).toEqual([
      `platform.yaml:8:60: ${why} (in the tenant "globex")`,
    ]);
    expect(problems({ 'tenants/globex.yaml': tenant(`${ARN}/{${placeholder}}`) })).toEqual([
      `tenants/globex.yaml:2:33: ${why}`,
    ]);
  });

  test.each(['', 'acme-{tenant', 'arn:aws:iam::123456789012:user/globex', 'arn:aws:iam::1234:role/globex', `${ARN}/`])(
    'is refused where it is none: %s',
    (role) => {
      expect(problems({ 'tenants/globex.yaml': tenant(role) })).toEqual([
        `tenants/globex.yaml:2:33: services.web-client.role ${MUST}`,
      ]);
    },
  );

  test('is refused for the tenant for whom it comes to a name that is too long, and named as it comes out', () => {
    const long = 'x'.repeat(56);
    const files = {
      'platform.yaml': platform(`${ARN}/acme-12-{tenant}`),
      [`tenants/${long}.yaml`]: 'host: long.example.com\n',
    };
    expect(rolesOf({ ...files, 'platform.yaml': platform(`${ARN}/acme-1-{tenant}`) })).toHaveLength(2);
    expect(problems({ ...files, 'platform.yaml': platform(`${ARN}/acme-123-{tenant}`) })).toEqual([
      `platform.yaml:8:60: services.web-client.role comes to ${ARN}/acme-123-${long}, and ${MUST} (in the tenant "${long}")`,
    ]);
  });
});
