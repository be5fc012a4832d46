import { ingressAddress } from '../../../lib/fleet/health/ingress-address';

describe('the address that is asked instead of the hosts', () => {
  test.each([{}, { TENANTRY_INGRESS: '' }])('is none by default: %j', (environment) => {
    expect(ingressAddress(environment)).toBeUndefined();
  });

  test.each(['http://127.0.0.1:8080', 'https://10.0.0.1', 'https://ingress.example.com/', 'https://[::1]:8443'])(
    'may be %s',
    (TENANTRY_INGRESS) => {
      expect(ingressAddress({ TENANTRY_INGRESS })?.href).toBe(new URL(TENANTRY_INGRESS).href);
    },
  );

  test.each([
    '10.0.0.1',
    'localhost:8080',
    'ftp://ingress.example.com',
    'https://ingress.example.com/path',
    'https://ingress.example.com/?query',
    'https://user:password@ingress.example.com',
    'https://',
    'nonsense\x1b[31m',
  ])('cannot be %j', (TENANTRY_INGRESS) => {
    const message = /^TENANTRY_INGRESS \P{C}+: must be http:\/\/ or https:\/\/ with a host and no path/u;
    expect(() => ingressAddress({ TENANTRY_INGRESS })).toThrow(message);
  });
});
