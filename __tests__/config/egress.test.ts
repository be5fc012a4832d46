import fc from 'fast-check';
import { tenantSettings } from '../../lib/config/tenant-settings';
import { GOOD_PLATFORM, load, problems } from './configuration-files';

const LINE = GOOD_PLATFORM.split('\n').length;
const platformWith = (egress: string) => ({ 'platform.yaml': `${GOOD_PLATFORM}egress: ${egress}\n` });
const egressOf = (files: Parameters<typeof load>[0]) => load(files).tenants.map((one) => tenantSettings(one).egress);
const tenantWith = (egress: string) => ({ 'tenants/globex.yaml': `host: globex.example.com\negress: ${egress}\n` });

describe('what pods may connect to', () => {
  test('has no limit where no file says anything', () => {
    expect(egressOf({})).toEqual([[]]);
  });

  test('is what the platform says', () => {
    const entries = [
      'internet',
      'not 203.1.113.0/24',
      '10.20.0.0/16',
      '10.30.0.5/32:6379',
      'fd12::/32:443',
      'monitoring',
    ];
    expect(egressOf(platformWith(`[${entries.join()}]`))).toEqual([entries]);
  });

  test('is what the tenant says in place of all that the platform says', () => {
    expect(egressOf({ ...platformWith('[internet, monitoring]'), ...tenantWith('[10.20.0.0/16]') })).toEqual([
      ['10.20.0.0/16'],
    ]);
    expect(egressOf({ ...platformWith('[internet]'), ...tenantWith('[none]') })).toEqual([['none']]);
  });

  test('has no limit in the one tenant that says so', () => {
    expect(egressOf({ ...platformWith('[internet]'), ...tenantWith('[anywhere]') })).toEqual([[]]);
  });
});

describe('an entry of egress is refused on its line', () => {
  const ENTRY =
    'must be internet; a range of addresses, such as 10.20.0.0/16, with a TCP port or without: 10.20.0.5/32:6379; "not" and a range that is left out of a wider one; or the name of a namespace';
  const OTHERS =
    'is not for tenants: neither the namespace of another tenant, nor 169.254.169.254 and fd00:ec2::254, where a node is told its own role';
  test.each([
    ['[]', 9, 'egress says nothing: write [anywhere] for no limit, or [none] for nothing but what is always reached'],
    ['internet', 9, 'egress must be a list'],
    ['[10.0.0.0]', 10, `egress.0 ${ENTRY}`],
    ['[10.0.0.0/33]', 10, `egress.0 ${ENTRY}`],
    ['[10.0.0.256/32]', 10, `egress.0 ${ENTRY}`],
    ['[10.0.0.0/8:0]', 10, `egress.0 ${ENTRY}`],
    ['[10.0.0.0/8:65536]', 10, `egress.0 ${ENTRY}`],
    ['[10.0.0.0/8:080]', 10, `egress.0 ${ENTRY}`],
    ['[10.0.0.0/8:https]', 10, `egress.0 ${ENTRY}`],
    ['["fd00::/129"]', 10, `egress.0 ${ENTRY}`],
    ['["fd00::1::/64"]', 10, `egress.0 ${ENTRY}`],
    ['["::ffff:10.0.0.0/104"]', 10, `egress.0 ${ENTRY}`],
    ['[redis.example.com]', 10, `egress.0 ${ENTRY}`],
    ['[Monitoring]', 10, `egress.0 ${ENTRY}`],
    ['["!10.0.0.0/8"]', 10, `egress.0 ${ENTRY}`],
    ['[not monitoring]', 10, `egress.0 ${ENTRY}`],
    [
      '[10.0.0.1/8]',
      10,
      'egress.0 does not begin with 10.0.0.1: write 10.0.0.0/8 for the whole range, or 10.0.0.1/32 for this address alone',
    ],
    [
      '["fd00::1/64"]',
      10,
      'egress.0 does not begin with fd00::1: write fd00::/64 for the whole range, or fd00::1/128 for this address alone',
    ],
    ['[tenant-globex]', 10, `egress.0 ${OTHERS}`],
    ['[169.254.169.254/32]', 10, `egress.0 ${OTHERS}`],
    ['[169.254.169.254/32:80]', 10, `egress.0 ${OTHERS}`],
    ['["fd00:ec2::254/128"]', 10, `egress.0 ${OTHERS}`],
    ['[internet, none]', 20, 'egress.1 "none" stands alone: leave out the others, or this'],
    ['[anywhere, internet]', 10, 'egress.0 "anywhere" stands alone: leave out the others, or this'],
    ['[internet, internet]', 20, 'egress.1 is there twice'],
    ['[not 10.0.0.0/8]', 10, 'egress.0 leaves out 10.0.0.0/8, which lies in nothing that is reached here'],
    ['["::ffff:a9fe:a9fe/128"]', 10, 'egress.0 is IPv4 that is written as IPv6: write the IPv4 range'],
    ['[10.0.0.0/8, not 10.0.0.0/8]', 10, 'egress.0 is left out as a whole by "not 10.0.0.0/8"'],
    ['[10.1.0.0/16:80, 10.0.0.0/7, not 10.0.0.0/8]', 10, 'egress.0 is left out as a whole by "not 10.0.0.0/8"'],
    [`[${Array.from({ length: 33 }, (_, n) => `n${n}`)}]`, 9, 'egress must have at most 32 entries'],
  ])('%s', (egress, column, problem) => {
    expect(problems(platformWith(egress))[0]).toBe(`platform.yaml:${LINE}:${column}: ${problem}`);
    expect(problems(tenantWith(egress))[0]).toBe(`tenants/globex.yaml:2:${column}: ${problem}`);
  });

  test('with all others at once', () => {
    expect(problems(platformWith('[10.0.0.1/8, tenant-a, "10.0.0.0/8:0"]'))).toHaveLength(3);
  });

  test('for a range of any length whose first address another one is', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), fc.integer({ min: 0, max: 32 }), (bytes, length) => {
        const value = bytes.reduce((all, one) => all * 256 + one, 0);
        const isFirst = value % 2 ** (32 - length) === 0;
        const range = `${bytes.join('.')}/${length}`;
        fc.pre(range !== '169.254.169.254/32');
        if (isFirst) expect(egressOf(platformWith(`[${range}]`))).toEqual([[range]]);
        else expect(problems(platformWith(`[${range}]`))).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});
