import { join } from 'node:path';
import { configurationOf, loadSources } from '../../lib/config/load';
import { fromText, type Origin, originsOf } from '../../lib/config/origins';
import { changed, type Files, GOOD_PLATFORM, GOOD_TENANT, inFolder } from './configuration-files';

const CLIENT = 'web-client: { github: acme/web-client, port: 3000 }';
const PLATFORM = `${changed(
  GOOD_PLATFORM,
  CLIENT,
  `web-client:
    github: acme/web-client
    port: 3000
    replicas: 2
    env:
      TIER: none
      LOG_LEVEL: info
    secrets: { STRIPE_KEY: stripe/api-key, MAIL_KEY: mail/key }`,
)}ingress:
  class: nginx
  annotations:
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
plans:
  large:
    services:
      web-client:
        replicas: 4
        env: { TIER: large }
`;

function origins(tenant: string, platform = PLATFORM): Origin[] {
  const files: Files = {
    'platform.yaml': platform,
    'tenants/first.yaml': 'host: first.example.com\nring: canary\n',
    'tenants/globex.yaml': GOOD_TENANT + tenant,
  };
  return inFolder(files, (folder) => {
    const sources = loadSources(join(folder, 'platform.yaml'));
    const globex = configurationOf(sources).tenants.find(({ name }) => name === 'globex');
    if (!globex) throw new Error('there is no tenant');
    return originsOf(globex, sources).map((origin) =>
      origin.from === 'default'
        ? origin
        : { ...origin, from: { ...origin.from, file: origin.from.file.replace(/^.*\/tenantry-[^/]*\//, '') } },
    );
  });
}

/** `4 platform.yaml:26:19 (plan large)` for a field of the tenant, or of one of its services; undefined where it is not listed. */
function why(field: string, all: readonly Origin[]): string | undefined {
  const found = all.find(({ service, field: own }) => (service === undefined ? own : `${service} ${own}`) === field);
  return found && `${found.value} ${fromText(found.from)}`;
}

describe('a setting of a service comes from', () => {
  test('the platform, where nobody else says anything of it', () => {
    const all = origins('');
    expect(why('web-client replicas', all)).toBe('2 platform.yaml:11:15');
    expect(why('web-client env.LOG_LEVEL', all)).toBe('info platform.yaml:14:18');
    expect(why('web-client port', all)).toBe('3000 platform.yaml:10:11');
  });

  test('the plan of the tenant, which is named', () => {
    const all = origins('plan: large\n');
    expect(why('web-client replicas', all)).toBe('4 platform.yaml:30:19 (plan large)');
    expect(why('web-client env.TIER', all)).toBe('large platform.yaml:31:22 (plan large)');
    expect(why('web-client env.LOG_LEVEL', all)).toBe('info platform.yaml:14:18');
    expect(why('plan', all)).toBe('large tenants/globex.yaml:2:7');
  });

  test('the tenant before all, key by key', () => {
    const all = origins('plan: large\nservices:\n  web-client: { replicas: 6, env: { LOG_LEVEL: debug } }\n');
    expect(why('web-client replicas', all)).toBe('6 tenants/globex.yaml:4:27');
    expect(why('web-client env.LOG_LEVEL', all)).toBe('debug tenants/globex.yaml:4:48');
    expect(why('web-client env.TIER', all)).toBe('large platform.yaml:31:22 (plan large)');
  });

  test('nowhere where it is the default', () => {
    const all = origins('services: { web-client: { resources: { memory: 1Gi, memoryLimit: 1Gi } } }\n');
    expect(why('web-client resources.cpu', all)).toBe('50m default');
    expect(why('web-client resources.memory', all)).toBe('1Gi tenants/globex.yaml:2:48');
    expect(why('web-client path', all)).toBe('/web-client default');
  });

  test('the release of the service, of the tenant or of the platform', () => {
    expect(why('web-client release', origins(''))).toBe('releases/0.0.2 platform.yaml:2:10');
    expect(why('web-client release', origins('release: releases/3\n'))).toBe('releases/3 tenants/globex.yaml:2:10');
    const both = 'release: releases/3\nservices: { web-client: { release: releases/4 } }\n';
    expect(why('web-client release', origins(both))).toBe('releases/4 tenants/globex.yaml:3:36');
  });

  test('the release of the service whose image it runs', () => {
    const worker = changed(PLATFORM, '  apiserver:', '  worker: { image: apiserver }\n  apiserver:');
    const all = origins('services: { apiserver: { release: releases/4 } }\n', worker);
    expect(why('worker release', all)).toBe('releases/4 tenants/globex.yaml:2:35');
  });
});

describe('numbers between which a service goes', () => {
  const RANGE = changed(PLATFORM, '    replicas: 2\n', '    replicas: { min: 2, max: 9 }\n');

  test('come from where each is written', () => {
    const all = origins('services: { web-client: { replicas: { max: 5 } } }\n', RANGE);
    expect(why('web-client replicas', all)).toBe('2 platform.yaml:11:22');
    expect(why('web-client maxReplicas', all)).toBe('5 tenants/globex.yaml:2:44');
    expect(why('web-client targetCpu', all)).toBe('80 default');
  });

  test('are gone where a later place says one number in their place', () => {
    const all = origins('services: { web-client: { replicas: 3 } }\n', RANGE);
    expect(why('web-client replicas', all)).toBe('3 tenants/globex.yaml:2:37');
    expect(why('web-client maxReplicas', all)).toBeUndefined();
    expect(why('web-client targetCpu', all)).toBeUndefined();
  });

  test('replace one number, whose place is then that of the map', () => {
    const all = origins('services: { web-client: { replicas: { max: 5 } } }\n');
    expect(why('web-client replicas', all)).toBe('1 tenants/globex.yaml:2:37');
  });

  test('are none for a service that runs at its time alone, for it has a schedule', () => {
    const nightly = changed(
      PLATFORM,
      '  apiserver:',
      '  nightly: { image: apiserver, schedule: 0 3 * * * }\n  apiserver:',
    );
    const all = origins('', nightly);
    expect(why('nightly replicas', all)).toBe('0 platform.yaml:16:42');
    expect(why('nightly schedule', all)).toBe('0 3 * * * platform.yaml:16:42');
    expect(why('nightly timeZone', all)).toBe('Etc/UTC default');
    expect(why('web-client timeZone', all)).toBeUndefined();
  });
});

describe('a variable from a Secret', () => {
  test('is shown as the Secret and its key', () => {
    expect(why('web-client secrets.STRIPE_KEY', origins(''))).toBe('stripe/api-key platform.yaml:15:28');
  });

  test('that the tenant does not get is none, because its file says so', () => {
    const all = origins('services: { web-client: { secrets: { STRIPE_KEY: null } } }\n');
    expect(why('web-client secrets.STRIPE_KEY', all)).toBe(' tenants/globex.yaml:2:50');
    expect(why('web-client secrets.MAIL_KEY', all)).toBe('mail/key platform.yaml:15:54');
  });
});

describe('what is of the tenant itself comes from', () => {
  test('its file', () => {
    const all = origins('hosts: [shop.example.org]\nsuspend: true\ndatabase: { deletionPolicy: Delete }\n');
    expect(why('host', all)).toBe('globex.example.com tenants/globex.yaml:1:7');
    expect(why('hosts', all)).toBe('shop.example.org tenants/globex.yaml:2:8');
    expect(why('suspend', all)).toBe('true tenants/globex.yaml:3:10');
    expect(why('database.deletionPolicy', all)).toBe('Delete tenants/globex.yaml:4:29');
    expect(why('database.name', all)).toBe('tenant_globex default');
  });

  test('the platform, for the connections to its database and its rotation, where its file says nothing of them', () => {
    const platform = `${PLATFORM}database: { servers: [eu-2], connectionLimit: 40, rotation: a }\n`;
    const all = origins('database: { server: eu-2 }\n', platform);
    expect(why('database.server', all)).toBe('eu-2 tenants/globex.yaml:2:21');
    expect(why('database.connectionLimit', all)).toBe('40 platform.yaml:32:47');
    expect(why('database.rotation', all)).toBe('a platform.yaml:32:61');
    const own = origins('database: { rotation: b }\n', platform);
    expect(why('database.rotation', own)).toBe('b tenants/globex.yaml:2:23');
  });

  test('its ring, as the platform has it', () => {
    const all = origins('', changed(PLATFORM, 'unproven: allow', 'atOnce: 2'));
    expect(why('ring', all)).toBe('general platform.yaml:21:17');
    expect(why('rollout.after', all)).toBe('canary (bakeSeconds 0) platform.yaml:21:8');
    expect(why('rollout.atOnce', all)).toBe('2 platform.yaml:21:42');
    expect(why('rollout.unproven', all)).toBe('Hold default');
  });

  test('its own word on images that nobody proved, before that of its ring', () => {
    expect(why('rollout.unproven', origins(''))).toBe('Allow platform.yaml:21:44');
    expect(why('rollout.unproven', origins('unproven: hold\n'))).toBe('Hold tenants/globex.yaml:2:11');
  });

  test('how the platform is reached from outside, annotation by annotation', () => {
    const all = origins('');
    expect(why('ingress.class', all)).toBe('nginx platform.yaml:23:10');
    const annotation = 'nginx.ingress.kubernetes.io/proxy-body-size';
    expect(why(`ingress.annotations.${annotation}`, all)).toBe('8m platform.yaml:25:50');
    expect(why('ingress.annotations', all)).toBeUndefined();
    expect(why('ingress.issuer', all)).toBeUndefined();
  });

  test('what its pods may connect to, whole, and what they may take, key by key', () => {
    const platform = `${PLATFORM}    quota: { memory: 9Gi }\nquota: { cpu: 5, memory: 8Gi }\negress: [internet]\n`;
    const all = origins('plan: large\nquota: { pods: 40 }\n', platform);
    expect(why('quota.cpu', all)).toBe('5 platform.yaml:33:15');
    expect(why('quota.memory', all)).toBe('9Gi platform.yaml:32:22 (plan large)');
    expect(why('quota.pods', all)).toBe('40 tenants/globex.yaml:3:16');
    expect(why('egress', all)).toBe('internet platform.yaml:34:9');
    expect(why('egress', origins('egress: [none]\n', platform))).toBe('none tenants/globex.yaml:2:9');
    expect(why('egress', origins(''))).toBeUndefined();
    expect(why('quota.cpu', origins(''))).toBeUndefined();
  });
});

test('a plan whose name YAML takes for a number is found like any other', () => {
  const all = origins('plan: "2024"\n', changed(PLATFORM, 'large:\n', '2024:\n').replace('TIER: large', 'TIER: 1.10'));
  expect(why('web-client env.TIER', all)).toBe('1.10 platform.yaml:31:22 (plan 2024)');
});

describe('the place of what YAML repeats', () => {
  test('is that of the alias, for there the tenant says that it has it', () => {
    const anchored = `${changed(PLATFORM, 'env: { TIER: large }', 'env: &large { TIER: large }')}  huge: { services: { web-client: { env: *large } } }\n`;
    expect(why('web-client env.TIER', origins('plan: huge\n', anchored))).toBe('large platform.yaml:32:42 (plan huge)');
  });

  test('is that of a map with a merge key, where the value comes by that', () => {
    const merging = `%YAML 1.1\n---\n${changed(PLATFORM, '    env:\n', '    env:\n      <<: { CACHE: big }\n')}`;
    const all = origins('', merging);
    expect(why('web-client env.CACHE', all)).toBe('big platform.yaml:15:7');
    expect(why('web-client env.TIER', all)).toBe('none platform.yaml:16:13');
  });
});

test('settings are sorted: those of the tenant first, then service by service', () => {
  const all = origins('').map(({ service = '', field }) => `${service} ${field}`);
  expect(all).toEqual([...all].sort());
});
