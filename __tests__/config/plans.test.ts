import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

const PLANS = `plans:
  small:
    services:
      web-client: { resources: { cpu: 20m, memory: 64Mi }, env: { TIER: small, CACHE: 1 } }
  large:
    services:
      web-client: { resources: { memory: 2Gi, memoryLimit: 4Gi }, replicas: 4, env: { TIER: large } }
`;
const PLATFORM = `${changed(GOOD_PLATFORM, 'port: 3000 }', 'port: 3000, replicas: 2, resources: { cpu: 0.50 }, env: { TIER: none, LOG_LEVEL: info } }')}${PLANS}`;

const clientOf = (tenant: string) => {
  const [globex] = load({ 'platform.yaml': PLATFORM, 'tenants/globex.yaml': GOOD_TENANT + tenant }).tenants;
  return globex && tenantSettings(globex).services[1];
};

describe('what a service is run with', () => {
  test('is what the platform says, and by default what it always was', () => {
    expect(clientOf('')).toMatchObject({
      replicas: 2,
      resources: { cpu: '0.50', memory: '128Mi', memoryLimit: '512Mi' },
      env: [
        { name: 'LOG_LEVEL', value: 'info' },
        { name: 'TIER', value: 'none' },
      ],
    });
  });

  test('is over that what the plan of the tenant says, key by key', () => {
    expect(clientOf('plan: small\n')).toMatchObject({
      replicas: 2,
      resources: { cpu: '20m', memory: '64Mi', memoryLimit: '512Mi' },
      env: [
        { name: 'CACHE', value: '1' },
        { name: 'LOG_LEVEL', value: 'info' },
        { name: 'TIER', value: 'small' },
      ],
    });
  });

  test('is over both what the tenant says', () => {
    const own = 'services: { web-client: { resources: { memoryLimit: 3Gi }, env: { LOG_LEVEL: debug } } }\n';
    expect(clientOf(`plan: large\n${own}`)).toMatchObject({
      replicas: 4,
      resources: { cpu: '0.50', memory: '2Gi', memoryLimit: '3Gi' },
      env: [
        { name: 'LOG_LEVEL', value: 'debug' },
        { name: 'TIER', value: 'large' },
      ],
    });
  });
});

describe('a plan', () => {
  test('that there is not is refused with the one that was probably meant', () => {
    const files = { 'platform.yaml': PLATFORM, 'tenants/globex.yaml': `${GOOD_TENANT}plan: smal\n` };
    expect(problems(files)).toEqual([
      'tenants/globex.yaml:2:7: there is no plan "smal" in the platform file; did you mean "small"?',
    ]);
    expect(problems({ 'tenants/globex.yaml': `${GOOD_TENANT}plan: constructor\n` })).toEqual([
      'tenants/globex.yaml:2:7: there is no plan "constructor" in the platform file',
    ]);
  });

  test('says something of services that there are, and of nothing but what a plan is for', () => {
    expect(problems({ 'platform.yaml': changed(PLATFORM, '      web-client: {', '      webclient: {') })).toEqual([
      'platform.yaml:18:7: there is no service "webclient" in the platform file; did you mean "web-client"?',
    ]);
    expect(problems({ 'platform.yaml': changed(PLATFORM, 'cpu: 20m, memory: 64Mi }', 'cpu: 20m }, port: 1') })).toEqual(
      ['platform.yaml:18:46: unknown key "port"; known: replicas, resources, env'],
    );
  });
});

describe('resources', () => {
  const inTenant = (resources: string) =>
    problems({ 'tenants/globex.yaml': `${GOOD_TENANT}services: { web-client: { resources: ${resources} } }\n` });

  test.each(['100', '1m', '0.001', '0.5', '2', '999.999', '999999m'])('may ask for the CPU %s', (cpu) => {
    expect(clientOf(`services: { web-client: { resources: { cpu: ${cpu} } } }\n`)?.resources).toMatchObject({ cpu });
  });

  test.each(['0', '0.0', '0m', '.5', '0.0001', '100M', '1e3', '-1', '1000', '"2 cores"', 'true'])(
    'can not ask for the CPU %s',
    (cpu) => {
      expect(inTenant(`{ cpu: ${cpu} }`)).toEqual([
        'tenants/globex.yaml:2:45: services.web-client.resources.cpu must be an amount of CPU: thousandths of a core (100m), or cores (0.5, 2)',
      ]);
    },
  );

  test.each(['512', '512M', '512MB', '512m', '1.5Gi', '0Mi', '100000Mi', '1Ti', '512 Mi'])(
    'can not ask for the memory %s',
    (memory) => {
      expect(inTenant(`{ memory: ${memory} }`)).toEqual([
        expect.stringMatching(
          /^tenants\/globex.yaml:2:48: services.web-client.resources.memory must be an amount of memory/,
        ),
      ]);
    },
  );

  test('can not take less memory than they ask for, wherever the two are written', () => {
    const memoryLimit = 'services.web-client.resources.memoryLimit must be at least memory: it is';
    expect(inTenant('{ memory: 1Gi }')).toEqual([
      `tenants/globex.yaml:2:48: ${memoryLimit} 512Mi (its default), and memory 1Gi`,
    ]);
    expect(inTenant('{ memoryLimit: 64Mi }')).toEqual([
      `tenants/globex.yaml:2:53: ${memoryLimit} 64Mi, and memory 128Mi (its default)`,
    ]);
    expect(inTenant('{ memory: 1025Mi, memoryLimit: 1Gi }')).toEqual([
      `tenants/globex.yaml:2:69: ${memoryLimit} 1Gi, and memory 1025Mi`,
    ]);
    const files = {
      'platform.yaml': changed(PLATFORM, ', memoryLimit: 4Gi', ''),
      'tenants/globex.yaml': `${GOOD_TENANT}plan: large\n`,
      'tenants/hooli.yaml': 'host: hooli.example.com\nplan: large\n',
    };
    expect(problems(files)).toEqual([
      `platform.yaml:21:42: ${memoryLimit} 512Mi (its default), and memory 2Gi (in the tenant "globex")`,
    ]);
  });
});
