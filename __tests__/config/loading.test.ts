import { join } from 'node:path';
import { loadConfiguration } from '../../lib/config/load';
import { DEFAULT_INGRESS } from '../../lib/tenant/ingress';
import { NO_STORE } from '../../lib/tenant/secret-store';
import { changed, GOOD_PLATFORM, inFolder, load } from './configuration-files';

describe('what a configuration loads as', () => {
  const environment = { ...process.env };
  beforeEach(() => {
    delete process.env.PLATFORM;
    delete process.env.KUBE_CTX;
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  test('what a platform file leaves out has its default', () => {
    const { platform } = load();
    expect(platform).toEqual({
      name: 'acme',
      release: 'releases/0.0.2',
      github: 'acme/platform',
      branch: 'main',
      registry: { account: '123456789012', region: 'eu-central-1' },
      services: [
        {
          name: 'apiserver',
          repository: 'apiserver',
          github: 'acme/apiserver',
          port: 8080,
          path: '/apiserver',
          healthPath: '/apiserver/v1/health',
          replicas: 2,
        },
        {
          name: 'web-client',
          repository: 'web-client',
          github: 'acme/web-client',
          port: 3000,
          path: '/web-client',
          healthPath: '/web-client/v1/health',
        },
      ],
      operator: { repository: 'tenantry-operator', release: 'releases/0.0.2' },
      cluster: { eks: 'acme-production', region: 'eu-central-1' },
      ingress: DEFAULT_INGRESS,
      egress: [],
      state: { bucket: 'acme-tenantry-state', region: 'eu-central-1' },
      rings: [
        { name: 'canary', bakeSeconds: 0, atOnce: '10%', unproven: 'Hold' },
        { name: 'general', bakeSeconds: 0, atOnce: '10%', unproven: 'Allow' },
      ],
      verify: { interval: 5 },
    });
  });

  test('what a platform file says goes before every default', () => {
    const { platform } = load({
      'platform.yaml': `name: acme
release: releases/0.0.2
github: acme@1/platform@2
branch: trunk
environment: production
registry: { account: "000000000012", region: us-gov-west-1, shared: true }
services:
  web-client: { repository: acme/web, github: acme/web-client, port: 1, path: /, healthPath: /healthz, replicas: 0 }
  worker: { github: acme/worker, port: 65535, healthPath: null }
operator: { repository: acme/operator, release: releases/1.0 }
cluster: { eks: Acme_1 }
state: { bucket: abc, region: eu-west-1 }
rings: [everyone]
verify: { attempts: 30, interval: 10 }
`,
    });
    expect(platform).toMatchObject({
      github: 'acme@1/platform@2',
      branch: 'trunk',
      environment: 'production',
      registry: { account: '000000000012', region: 'us-gov-west-1', shared: true },
      operator: { repository: 'acme/operator', release: 'releases/1.0' },
      state: { bucket: 'abc', region: 'eu-west-1' },
      verify: { attempts: 30, interval: 10 },
    });
    expect(platform.services).toEqual([
      {
        name: 'web-client',
        repository: 'acme/web',
        github: 'acme/web-client',
        port: 1,
        path: '/',
        healthPath: '/healthz',
        replicas: 0,
      },
      { name: 'worker', repository: 'worker', github: 'acme/worker', port: 65535 },
    ]);
  });

  test('a service without a port is reached nowhere, and not asked for its health', () => {
    const { platform, tenants } = load({
      'platform.yaml': changed(GOOD_PLATFORM, 'github: acme/web-client, port: 3000', 'github: acme/web-client'),
    });
    const worker = { name: 'web-client', repository: 'web-client', port: 0 };
    expect(platform.services[1]).toEqual({ ...worker, github: 'acme/web-client' });
    expect(tenants[0]?.services[1]).toEqual({ ...worker, release: 'releases/0.0.2' });
  });

  test('a tenant needs nothing but a host', () => {
    const { tenants } = load();
    expect(tenants).toEqual([
      {
        name: 'globex',
        host: 'globex.example.com',
        hosts: [],
        ingress: DEFAULT_INGRESS,
        egress: [],
        quota: { cpu: '', memory: '', pods: 0 },
        secretStore: NO_STORE,
        ring: 'general',
        rollout: { after: [{ ring: 'canary', bakeSeconds: 0 }], atOnce: '10%', unproven: 'Allow' },
        release: 'releases/0.0.2',
        suspend: false,
        decommission: false,
        database: { name: 'tenant_globex', deletionPolicy: 'Retain', server: '', connectionLimit: 0, rotation: '' },
        services: [
          {
            name: 'apiserver',
            repository: 'apiserver',
            release: 'releases/0.0.2',
            port: 8080,
            path: '/apiserver',
            healthPath: '/apiserver/v1/health',
            replicas: 2,
          },
          {
            name: 'web-client',
            repository: 'web-client',
            release: 'releases/0.0.2',
            port: 3000,
            path: '/web-client',
            healthPath: '/web-client/v1/health',
          },
        ],
      },
    ]);
  });

  test('what a tenant says goes before its platform, and what it says of a service before both', () => {
    const { tenants } = load({
      'tenants/globex.yaml': `host: globex.example.com
ring: canary
release: releases/0.0.3
services:
  apiserver: { release: releases/0.0.4, replicas: 0 }
database: { name: legacy_globex, deletionPolicy: Delete }
decommission: true
`,
    });
    expect(tenants[0]).toMatchObject({
      ring: 'canary',
      release: 'releases/0.0.3',
      decommission: true,
      database: { name: 'legacy_globex', deletionPolicy: 'Delete' },
      services: [
        { name: 'apiserver', release: 'releases/0.0.4', replicas: 0 },
        { name: 'web-client', release: 'releases/0.0.3' },
      ],
    });
  });

  test('what the platform says of rings, each of their tenants is told', () => {
    const rings =
      '[{ name: canary, bake: 90s }, { name: early, bake: 2h, atOnce: 3 }, { name: general, atOnce: 25% }, last]';
    const { tenants, platform } = load({
      'platform.yaml': changed(GOOD_PLATFORM, '[canary, { name: general, unproven: allow }]', rings),
      'tenants/globex.yaml': 'host: globex.example.com\nring: canary\n',
      'tenants/hooli.yaml': 'host: hooli.example.com\nring: early\n',
      'tenants/initech.yaml': 'host: initech.example.com\nring: general\nunproven: allow\n',
    });
    expect(platform.rings.map(({ bakeSeconds }) => bakeSeconds)).toEqual([90, 7200, 0, 0]);
    const canary = { ring: 'canary', bakeSeconds: 90 };
    expect(tenants.map(({ rollout }) => rollout)).toEqual([
      { after: [], atOnce: '10%', unproven: 'Hold' },
      { after: [canary], atOnce: '3', unproven: 'Hold' },
      { after: [canary, { ring: 'early', bakeSeconds: 7200 }], atOnce: '25%', unproven: 'Allow' },
    ]);
  });

  test.each([
    ['a service is reached below its name, and is healthy below that', '', '/web-client', '/web-client/v1/health'],
    ['a service may have the path of another name', 'path: /a/b', '/a/b', '/a/b/v1/health'],
    ['a service may have the whole host but for what others have', 'path: /', '/', '/v1/health'],
    [
      'a service may answer that it is healthy anywhere below its path',
      'healthPath: /web-client',
      '/web-client',
      '/web-client',
    ],
    ['a service that is not reached from outside is still asked for its health', 'path: null', undefined, '/v1/health'],
    ['its health may be anywhere then', 'path: null, healthPath: /up', undefined, '/up'],
    [
      'a service that answers no HTTP has no health path, and is not reached from outside',
      'healthPath: null',
      undefined,
      undefined,
    ],
    ['a service may say that it has neither', 'path: null, healthPath: null', undefined, undefined],
    [
      'a service may be reached from outside and not be asked for its health',
      'path: /ws, healthPath: null',
      '/ws',
      undefined,
    ],
  ])('%s, for its tenants too', (_, written, path, healthPath) => {
    const paths = { ...(path && { path }), ...(healthPath && { healthPath }) };
    const { platform, tenants } = load({
      'platform.yaml': changed(GOOD_PLATFORM, 'port: 3000', `port: 3000${written && `, ${written}`}`),
    });
    expect(platform.services[1]).toStrictEqual({
      name: 'web-client',
      repository: 'web-client',
      github: 'acme/web-client',
      port: 3000,
      ...paths,
    });
    expect(tenants[0]?.services[1]).toStrictEqual({
      name: 'web-client',
      repository: 'web-client',
      release: 'releases/0.0.2',
      port: 3000,
      ...paths,
    });
  });

  test('tenants are sorted by name, which is not the order of their files', () => {
    const { tenants } = load({
      'tenants/globex.yaml': null,
      'tenants/a-b.yaml': 'host: a-b.example.com\n',
      'tenants/b.yaml': 'host: b.example.com\n',
      'tenants/a.yaml': 'host: a.example.com\n',
    });
    expect(tenants.map(({ name }) => name)).toEqual(['a', 'a-b', 'b']);
  });

  test('hidden files and a README may stand among the tenants', () => {
    const { tenants } = load({ 'tenants/README.md': '# Tenants\n', 'tenants/.globex.yaml.swp': 'x' });
    expect(tenants.map(({ name }) => name)).toEqual(['globex']);
  });

  describe('the cluster', () => {
    const withKubeconfig = changed(GOOD_PLATFORM, 'eks: acme-production', 'kubeconfig: clusters/local');

    test('a kubeconfig is looked for beside the platform file, not where the program runs', () => {
      inFolder(
        { 'environments/staging.yaml': withKubeconfig, 'environments/tenants/a.yaml': 'host: a.b\n' },
        (folder) => {
          const { platform } = loadConfiguration(join(folder, 'environments/staging.yaml'));
          expect(platform.cluster).toEqual({ kubeconfig: join(folder, 'environments/clusters/local') });
        },
      );
    });

    test('a kubeconfig may have an absolute path', () => {
      const absolute = changed(withKubeconfig, 'clusters/local', '/etc/kubernetes/admin.conf');
      expect(load({ 'platform.yaml': absolute }).platform.cluster).toEqual({
        kubeconfig: '/etc/kubernetes/admin.conf',
      });
    });

    test("the platform file may name the kubeconfig's context, and KUBE_CTX goes before it", () => {
      const withContext = changed(withKubeconfig, 'clusters/local', 'clusters/local\n  context: deployer');
      expect(load({ 'platform.yaml': withContext }).platform.cluster).toMatchObject({ context: 'deployer' });
      process.env.KUBE_CTX = 'planner';
      expect(load({ 'platform.yaml': withContext }).platform.cluster).toMatchObject({ context: 'planner' });
      expect(load({ 'platform.yaml': withKubeconfig }).platform.cluster).toMatchObject({ context: 'planner' });
    });

    test('an empty KUBE_CTX says nothing', () => {
      process.env.KUBE_CTX = '';
      expect(load({ 'platform.yaml': withKubeconfig }).platform.cluster).not.toHaveProperty('context');
    });

    test('KUBE_CTX says nothing of an EKS cluster', () => {
      process.env.KUBE_CTX = 'planner';
      expect(load().platform.cluster).toEqual({ eks: 'acme-production', region: 'eu-central-1' });
    });
  });

  describe('the platform file', () => {
    test('is the one that PLATFORM names', () => {
      inFolder({ 'staging.yaml': changed(GOOD_PLATFORM, 'name: acme', 'name: acme-staging') }, (folder) => {
        process.env.PLATFORM = join(folder, 'staging.yaml');
        expect(loadConfiguration().platform.name).toBe('acme-staging');
      });
    });

    test.each([undefined, ''])('is platform.yaml where PLATFORM is %p', (platform) => {
      if (platform !== undefined) process.env.PLATFORM = platform;
      const here = process.cwd();
      inFolder({}, (folder) => {
        process.chdir(folder);
        try {
          expect(loadConfiguration().platform.name).toBe('acme');
        } finally {
          process.chdir(here);
        }
      });
    });

    test('may name a tenants folder of its own, from where it stands', () => {
      const staging = `${GOOD_PLATFORM}tenants: ../customers/staging\n`;
      const { tenants } = load(
        { 'environments/staging.yaml': staging, 'customers/staging/hooli.yaml': 'host: hooli.example.com\n' },
        'environments/staging.yaml',
      );
      expect(tenants.map(({ name }) => name)).toEqual(['hooli']);
    });

    test('may name a tenants folder by an absolute path', () => {
      inFolder({ 'elsewhere/hooli.yaml': 'host: hooli.example.com\n' }, (elsewhere) => {
        const { tenants } = load({ 'platform.yaml': `${GOOD_PLATFORM}tenants: ${join(elsewhere, 'elsewhere')}\n` });
        expect(tenants.map(({ name }) => name)).toEqual(['hooli']);
      });
    });

    test('may name a lock that freezes it, from where it stands', () => {
      inFolder({ 'platform.yaml': `${GOOD_PLATFORM}frozen: locks/2026-11.json\n` }, (folder) => {
        const { platform } = loadConfiguration(join(folder, 'platform.yaml'));
        expect(platform.frozen).toBe(join(folder, 'locks/2026-11.json'));
      });
    });
  });

  describe('YAML as people write it', () => {
    test.each([
      ['a byte order mark', `\ufeff${GOOD_PLATFORM}`],
      ['the line ends of Windows', GOOD_PLATFORM.replaceAll('\n', '\r\n')],
      ['document markers', `---\n${GOOD_PLATFORM}...\n`],
      ['no line end at its end', GOOD_PLATFORM.trimEnd()],
      ['comments and empty lines', `# The platform\n\n${GOOD_PLATFORM.replaceAll('\n', ' # so it is\n\n')}`],
      ['JSON', goodPlatformAsJson()],
    ])('%s: no difference', (_, text) => {
      expect(load({ 'platform.yaml': text })).toEqual(load());
    });

    test('anchors and aliases stand for what they name', () => {
      const { tenants } = load({
        'tenants/globex.yaml':
          'host: globex.example.com\nservices: { apiserver: &few { replicas: 1 }, web-client: *few }\n',
      });
      expect(tenants[0]?.services.map(({ replicas }) => replicas)).toEqual([1, 1]);
    });

    test('a service may be named like something that JavaScript objects have', () => {
      const { platform, tenants } = load({ 'platform.yaml': changed(GOOD_PLATFORM, 'web-client:', 'constructor:') });
      expect(platform.services.map(({ name }) => name)).toEqual(['apiserver', 'constructor']);
      expect(tenants[0]?.services[1]).toMatchObject({ name: 'constructor', release: 'releases/0.0.2' });
    });
  });

  test('a tenant may have the longest name that its namespace allows', () => {
    const name = 'a'.repeat(56);
    const { tenants } = load({ [`tenants/${name}.yaml`]: 'host: long.example.com\n' });
    expect(tenants[0]?.name).toBe(name);
    expect(`tenant-${name}`).toHaveLength(63);
    expect(tenants[0]?.database.name).toHaveLength(63);
  });
});

function goodPlatformAsJson(): string {
  return JSON.stringify({
    name: 'acme',
    release: 'releases/0.0.2',
    github: 'acme/platform',
    registry: { account: '123456789012', region: 'eu-central-1' },
    services: {
      'web-client': { github: 'acme/web-client', port: 3000 },
      apiserver: { github: 'acme/apiserver', port: 8080, replicas: 2 },
    },
    cluster: { eks: 'acme-production' },
    state: { bucket: 'acme-tenantry-state' },
    rings: ['canary', { name: 'general', unproven: 'allow' }],
  });
}
