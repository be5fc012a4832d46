import { tenantSettings } from '../../lib/config/tenant-settings';
import { GOOD_TENANT, load, problems } from './configuration-files';

const TENANT = 'tenants/globex.yaml';
const SHOPS = '[shop.example.org, pay.example.org]';
const withHosts = (hosts: string) => `${GOOD_TENANT}hosts: ${hosts}\n`;

describe('the further hosts of a tenant', () => {
  test('are those of its file, in their order, and none where it says nothing', () => {
    const hostsOf = (files: Parameters<typeof load>[0]) => load(files).tenants.map((one) => tenantSettings(one).hosts);
    expect(hostsOf({ [TENANT]: withHosts(SHOPS) })).toEqual([['shop.example.org', 'pay.example.org']]);
    expect(hostsOf({})).toEqual([[]]);
    expect(hostsOf({ [TENANT]: withHosts('[]') })).toEqual([[]]);
  });

  test.each([
    ['main host is a further one of another', 'host: hooli.example.com\nhosts: [a.example.org, globex.example.com]\n'],
    ['further host is the main one of another', 'hosts: [hooli.example.com]\nhost: shop.example.org\n'],
    ['further host is a further one of another', 'host: hooli.example.com\nhosts: [a.example.org, pay.example.org]\n'],
  ])('differ from those of all others: a %s', (_, hooli) => {
    const [problem, ...others] = problems({ [TENANT]: withHosts(SHOPS), 'tenants/hooli.yaml': hooli });
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^tenants\/hooli\.yaml:2:(24|7): the host (globex\.example\.com|shop\.example\.org|pay\.example\.org) belongs to tenant "globex" already$/,
    );
  });

  test('are refused each where it stands, whatever else of its tenant is', () => {
    expect(
      problems({
        [TENANT]: withHosts(SHOPS),
        'tenants/hooli.yaml': 'host: pay.example.org\nhosts:\n  - fine.example.org\n  - shop.example.org\n',
        'tenants/initech.yaml': 'host: initech.example.com\nhosts: [fine.example.org]\n',
      }),
    ).toEqual([
      'tenants/hooli.yaml:1:7: the host pay.example.org belongs to tenant "globex" already',
      'tenants/hooli.yaml:4:5: the host shop.example.org belongs to tenant "globex" already',
      'tenants/initech.yaml:2:9: the host fine.example.org belongs to tenant "hooli" already',
    ]);
  });

  test('may be those of a tenant that is decommissioned', () => {
    const { tenants } = load({
      [TENANT]: `${withHosts(SHOPS)}decommission: true\n`,
      'tenants/hooli.yaml': 'host: shop.example.org\nhosts: [globex.example.com, pay.example.org]\n',
    });
    expect(tenants).toHaveLength(2);
  });

  test('may be 32', () => {
    const hosts = (count: number) => withHosts(`[${Array.from({ length: count }, (_, n) => `h${n}.example.org`)}]`);
    expect(load({ [TENANT]: hosts(32) }).tenants[0]?.hosts).toHaveLength(32);
    expect(problems({ [TENANT]: hosts(33) })).toEqual([`${TENANT}:2:8: hosts must have at most 32 names`]);
  });

  const FORM = 'must be a DNS name in lower case, such as acme.example.com';
  test.each([
    ['[globex.example.com]', `${TENANT}:2:9: globex.example.com is the tenant's "host" already: leave it out here`],
    ['[a.example.org, a.example.org]', `${TENANT}:2:8: hosts names a host twice`],
    ['[a.example.org, Shop.example.org]', `${TENANT}:2:24: hosts.1 ${FORM}`],
    ['["*.example.org"]', `${TENANT}:2:9: hosts.0 ${FORM}`],
    ['[10.0.0.1]', `${TENANT}:2:9: hosts.0 ${FORM}`],
    ['[localhost]', `${TENANT}:2:9: hosts.0 ${FORM}`],
    ['[a.example.org/shop]', `${TENANT}:2:9: hosts.0 ${FORM}`],
    [`[${'a.'.repeat(126)}com]`, `${TENANT}:2:9: hosts.0 must have at most 253 characters`],
    ['[7]', `${TENANT}:2:9: hosts.0 must be a DNS name`],
    ['shop.example.org', `${TENANT}:2:8: hosts must be a list`],
  ])('are names of its own: not %s', (hosts, problem) => {
    expect(problems({ [TENANT]: withHosts(hosts) })).toEqual([problem]);
  });
});
