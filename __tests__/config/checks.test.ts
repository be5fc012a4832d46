import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

describe('what only a look at all files shows', () => {
  test('a tenant whose ring nobody knows is refused with the nearest ring', () => {
    expect(problems({ 'tenants/globex.yaml': `${GOOD_TENANT}ring: canry\n` })).toEqual([
      'tenants/globex.yaml:2:7: there is no ring "canry" in the platform file; did you mean "canary"?',
    ]);
  });

  test('a ring that is like no other is refused with all rings', () => {
    expect(problems({ 'tenants/globex.yaml': `${GOOD_TENANT}ring: qa\n` })).toEqual([
      'tenants/globex.yaml:2:7: there is no ring "qa" in the platform file; known: canary, general',
    ]);
  });

  describe('a first ring that proves nothing', () => {
    const platform = (rings: string) => changed(GOOD_PLATFORM, '[canary, { name: general, unproven: allow }]', rings);
    const files = (rings: string, canary: string | null, globex = '') => ({
      'platform.yaml': platform(rings),
      'tenants/globex.yaml': `${GOOD_TENANT}${globex}`,
      'tenants/hooli.yaml': canary === null ? null : `host: hooli.example.com\nring: canary\n${canary}`,
    });
    const REFUSED = [
      'platform.yaml:14:17: no tenant of "canary" runs anything, so nothing would prove an image before the tenants of "general" take it: write "ring: canary" in the file of one, or { name: general, unproven: allow } here',
    ];
    const STOPPED = 'services: { apiserver: { replicas: 0 }, web-client: { replicas: 0 } }\n';

    test.each([
      ['it has no tenant', null],
      ['its only tenant is decommissioned', 'decommission: true\n'],
      ['its only tenant runs no pods', STOPPED],
    ])('is refused where it stands when %s', (_, canary) => {
      expect(problems(files('[canary, general]', canary))).toEqual(REFUSED);
    });

    test.each([
      ['a tenant of it runs a pod', '[canary, general]', 'services: { apiserver: { replicas: 0 } }\n', ''],
      ['the later ring says that this is allowed', '[canary, { name: general, unproven: allow }]', null, ''],
      ['each tenant of the later ring says so', '[canary, general]', null, 'unproven: allow\n'],
      ['no tenant of a later ring runs anything', '[canary, general]', null, STOPPED],
      ['there is no later ring', '[general]', null, ''],
    ])('is accepted when %s', (_, rings, canary, globex) => {
      expect(() => load(files(rings, canary, globex))).not.toThrow();
    });

    test('is refused when a tenant of the later ring holds, though the ring does not', () => {
      expect(problems(files('[canary, { name: general, unproven: allow }]', null, 'unproven: hold\n'))).toEqual(
        REFUSED,
      );
    });

    test('is named once: the ring behind the one that takes the risk has that to wait for', () => {
      const rings = '[canary, { name: early, unproven: allow }, general]';
      const all = { ...files(rings, null), 'tenants/initech.yaml': 'host: initech.example.com\nring: early\n' };
      expect(() => load(all)).not.toThrow();
    });

    test('waits for the problems of single files: a tenant that does not load may be the one', () => {
      expect(problems(files('[canary, general]', 'colour: blue\n'))).toEqual([
        expect.stringContaining('unknown key "colour"'),
      ]);
    });
  });

  test('short names are near to each other only when they share a letter', () => {
    const platform = changed(GOOD_PLATFORM, '[canary, { name: general, unproven: allow }]', '[qa]');
    expect(problems({ 'platform.yaml': platform, 'tenants/globex.yaml': `${GOOD_TENANT}ring: x\n` })).toEqual([
      'tenants/globex.yaml:2:7: there is no ring "x" in the platform file; known: qa',
    ]);
    expect(problems({ 'platform.yaml': platform, 'tenants/globex.yaml': `${GOOD_TENANT}ring: aa\n` })).toEqual([
      'tenants/globex.yaml:2:7: there is no ring "aa" in the platform file; did you mean "qa"?',
    ]);
  });

  test('a tenant that overrides a service nobody knows is refused with the nearest service', () => {
    expect(
      problems({ 'tenants/globex.yaml': `${GOOD_TENANT}services:\n  apiserver: {}\n  web-clint: { replicas: 2 }\n` }),
    ).toEqual([
      'tenants/globex.yaml:4:3: there is no service "web-clint" in the platform file; did you mean "web-client"?',
    ]);
  });

  test('two tenants cannot have one host', () => {
    expect(problems({ 'tenants/hooli.yaml': 'ring: canary\nhost: globex.example.com\n' })).toEqual([
      'tenants/hooli.yaml:2:7: the host globex.example.com belongs to tenant "globex" already',
    ]);
  });

  test('a tenant may have the host of one that is decommissioned, as when it is renamed', () => {
    const leaving = `${GOOD_TENANT}decommission: true\n`;
    const { tenants } = load({ 'tenants/globex.yaml': leaving, 'tenants/hooli.yaml': 'host: globex.example.com\n' });
    expect(tenants.map(({ name, host }) => [name, host])).toEqual([
      ['globex', 'globex.example.com'],
      ['hooli', 'globex.example.com'],
    ]);
  });

  test('every further tenant of a host is refused, with the first that has it', () => {
    expect(problems({ 'tenants/hooli.yaml': GOOD_TENANT, 'tenants/initech.yaml': GOOD_TENANT })).toEqual([
      'tenants/hooli.yaml:1:7: the host globex.example.com belongs to tenant "globex" already',
      'tenants/initech.yaml:1:7: the host globex.example.com belongs to tenant "globex" already',
    ]);
  });

  test('two tenants cannot share a database', () => {
    expect(
      problems({
        'tenants/globex.yaml': `${GOOD_TENANT}database: { name: shared }\n`,
        'tenants/hooli.yaml': 'host: hooli.example.com\ndatabase:\n  name: shared\n',
      }),
    ).toEqual(['tenants/hooli.yaml:3:9: the database "shared" belongs to tenant "globex" already']);
  });

  test('a tenant cannot take the database that is the default of another, whichever comes first', () => {
    const host = 'host: other.example.com\n';
    expect(problems({ 'tenants/hooli.yaml': `${host}database: { name: tenant_globex }\n` })).toEqual([
      'tenants/hooli.yaml:2:19: the database "tenant_globex" belongs to tenant "globex" already',
    ]);
    expect(problems({ 'tenants/acme.yaml': `${host}database: { name: tenant_globex }\n` })).toEqual([
      'tenants/globex.yaml:1:1: the database "tenant_globex" belongs to tenant "acme" already',
    ]);
  });

  test('hosts and databases are compared even where the platform file has problems of its own', () => {
    expect(
      problems({
        'platform.yaml': changed(GOOD_PLATFORM, 'name: acme', 'name: ACME'),
        'tenants/hooli.yaml': `${GOOD_TENANT}database: { name: tenant_globex }\n`,
      }),
    ).toEqual([
      'platform.yaml:1:7: name must be lower-case letters, digits and "-", as Kubernetes names are',
      'tenants/hooli.yaml:1:7: the host globex.example.com belongs to tenant "globex" already',
      'tenants/hooli.yaml:2:19: the database "tenant_globex" belongs to tenant "globex" already',
    ]);
  });

  test('two releases cannot share an image tag, wherever they stand', () => {
    expect(
      problems({
        'platform.yaml': changed(GOOD_PLATFORM, 'releases/0.0.2', 'releases/big/fix'),
        'tenants/globex.yaml': `${GOOD_TENANT}services:\n  apiserver: { release: releases/big-fix }\n`,
        'tenants/hooli.yaml': 'host: hooli.example.com\nrelease: releases/big-fix\n',
      }),
    ).toEqual([
      'tenants/globex.yaml:3:25: the releases "releases/big-fix" and "releases/big/fix" share the image tag "releases-big-fix": rename one of the branches',
      'tenants/hooli.yaml:2:10: the releases "releases/big-fix" and "releases/big/fix" share the image tag "releases-big-fix": rename one of the branches',
    ]);
  });

  test('an operator cannot have a release that shares its tag with another', () => {
    expect(
      problems({
        'platform.yaml': `${changed(GOOD_PLATFORM, 'releases/0.0.2', 'releases/a-b')}operator: { release: releases/a/b }\n`,
      }),
    ).toEqual([
      'platform.yaml:15:22: the releases "releases/a/b" and "releases/a-b" share the image tag "releases-a-b": rename one of the branches',
    ]);
  });

  test('one release may be named as often as one likes', () => {
    expect(() =>
      problems({
        'tenants/globex.yaml': `${GOOD_TENANT}release: releases/0.0.2\nservices: { apiserver: { release: releases/0.0.2 } }\n`,
      }),
    ).toThrow('the configuration was accepted');
  });

  test('two services cannot have one ECR repository', () => {
    expect(
      problems({ 'platform.yaml': changed(GOOD_PLATFORM, 'port: 8080', 'port: 8080, repository: web-client') }),
    ).toEqual([
      'platform.yaml:9:3: the ECR repository "web-client" belongs to another service already: each can push to its own only',
    ]);
  });

  test("no service can have the operator's ECR repository", () => {
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}operator:\n  repository: apiserver\n` })).toEqual([
      'platform.yaml:16:15: the ECR repository "apiserver" belongs to another service already: each can push to its own only',
    ]);
  });
});

describe('the paths of services', () => {
  const services = (...lines: string[]) =>
    GOOD_PLATFORM.replace(
      /services:\n( {2}.*\n)+/,
      `services:\n${lines.map((line) => `  ${line.replace('{', '{ github: acme/x, port: 1,')}\n`).join('')}`,
    );
  const refused = (...lines: string[]) => problems({ 'platform.yaml': services(...lines) });

  test('two services cannot have one path, and each is told of the other', () => {
    expect(refused('web: { path: /api }', 'api: { }', 'jobs: { }')).toEqual([
      'platform.yaml:8:41: the path /api is that of "api" too: give each a "path" of its own',
      'platform.yaml:9:8: the path /api is that of "web" too: give each a "path" of its own',
    ]);
  });

  test('of three services with one path, each is told of both others', () => {
    expect(refused('aa: { path: / }', 'bb: { path: / }', 'cc: { path: / }')).toEqual([
      'platform.yaml:8:40: the path / is that of "bb" and "cc" too: give each a "path" of its own',
      'platform.yaml:9:40: the path / is that of "aa" and "cc" too: give each a "path" of its own',
      'platform.yaml:10:40: the path / is that of "aa" and "bb" too: give each a "path" of its own',
    ]);
  });

  test('a health path that no service would answer from outside is refused', () => {
    expect(refused('api: { healthPath: /v1/health }', 'web: { }')).toEqual([
      'platform.yaml:8:47: at a tenant\'s host no service would answer the health path /v1/health: give "api" a "healthPath" below /api, or "path: null" if it is not reached from outside',
    ]);
  });

  test('a health path that another service would answer from outside is refused, and names it', () => {
    expect(refused('api: { healthPath: /v1/health }', 'web: { path: / }')).toEqual([
      'platform.yaml:8:47: at a tenant\'s host service "web" (path /) would answer the health path /v1/health: give "api" a "healthPath" below /api, or "path: null" if it is not reached from outside',
    ]);
  });

  test('a health path that a service with a longer path would answer is refused, a default one too', () => {
    expect(refused('web: { path: / }', 'v1: { }')).toEqual([
      'platform.yaml:8:8: at a tenant\'s host service "v1" (path /v1) would answer the health path /v1/health: give "web" a "healthPath" below / and not below /v1, or "path: null" if it is not reached from outside',
    ]);
  });

  test('a path takes whole parts: /api takes nothing of /apix', () => {
    expect(refused('api: { healthPath: /apix/health }', 'apix: { }')).toEqual([
      expect.stringContaining(
        'service "apix" (path /apix) would answer the health path /apix/health: give "api" a "healthPath" below /api,',
      ),
    ]);
  });

  test('services with one path are not told that the other would answer their health', () => {
    expect(refused('aa: { path: /x }', 'bb: { path: /x }')).toHaveLength(2);
  });

  test.each([
    ['paths below other paths', ['web: { path: / }', 'api: { path: /web/api }', 'apix: { path: /web/api/x }']],
    ['a health path that is the path itself', ['api: { healthPath: /api }', 'web: { path: /, healthPath: / }']],
    ['a health path that ends in a slash', ['api: { healthPath: /api/ }', 'web: { path: / }']],
    ['any number of services without a path', ['aa: { path: null }', 'bb: { path: null }', 'cc: { healthPath: null }']],
    ['the health path of another where there is no path', ['aa: { path: null }', 'bb: { path: / }']],
    ['a path without health', ['aa: { path: /x, healthPath: null }', 'bb: { }']],
  ])('%s: no problem', (_, lines) => {
    expect(load({ 'platform.yaml': services(...lines) }).platform.services).toHaveLength(lines.length);
  });
});

describe('the tenants folder', () => {
  test.each([
    ['empty', {}],
    ['empty but for a README', { 'tenants/README.md': '# Tenants\n' }],
  ])('a folder that is %s is refused: it would ask for every tenant to be deleted', (_, files) => {
    expect(problems({ 'tenants/globex.yaml': null, ...files })).toEqual([
      'tenants: the tenants folder is empty, which would ask for every tenant to be deleted',
    ]);
  });

  test('a folder that is not there is refused', () => {
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}tenants: customers\n` })).toEqual([
      'customers: there is no such folder, and "tenants" in the platform file names it',
    ]);
  });

  test('a file in place of the folder is refused', () => {
    expect(problems({ 'platform.yaml': `${GOOD_PLATFORM}tenants: customers\n`, customers: '' })).toEqual([
      expect.stringMatching(/^customers: the tenants folder cannot be read: ENOTDIR/),
    ]);
  });

  test.each(['hooli.yml', 'hooli.YAML', 'hooli.yaml.bak', 'hooli', 'hooli.json'])(
    '%s is refused: a tenant that is silently left out would be a tenant to delete',
    (file) => {
      expect(problems({ [`tenants/${file}`]: 'host: hooli.example.com\n' })).toEqual([
        `tenants/${file}: is not a tenant: a tenant is a file <name>.yaml. Rename it or move it elsewhere`,
      ]);
    },
  );

  test.each(['Hooli', 'hooli_1', 'hooli.com', '-hooli', 'hooli-', 'höoli', 'hoo li'])(
    '%s is no name of a tenant',
    (name) => {
      expect(problems({ [`tenants/${name}.yaml`]: 'host: hooli.example.com\n' })).toEqual([
        `tenants/${name}.yaml: the file's name is the tenant's name, and "${name}" must be lower-case letters, digits and "-", as Kubernetes names are`,
      ]);
    },
  );

  test('a name that is too long once it is a namespace is refused', () => {
    const name = 'a'.repeat(57);
    expect(problems({ [`tenants/${name}.yaml`]: 'host: hooli.example.com\n' })).toEqual([
      `tenants/${name}.yaml: the file's name is the tenant's name, and "${name}" must have at most 56 characters`,
    ]);
  });

  test('what is wrong inside a misnamed file is reported with its name', () => {
    expect(problems({ 'tenants/Hooli.yaml': 'host: hooli\n' })).toEqual([
      expect.stringMatching(/^tenants\/Hooli\.yaml: the file's name is the tenant's name/),
      'tenants/Hooli.yaml:1:7: host must be a DNS name in lower case, such as acme.example.com',
    ]);
  });
});

describe('a platform file with problems', () => {
  test('the tenants folder that it names is read all the same', () => {
    expect(
      problems(
        {
          'environments/staging.yaml': `${changed(GOOD_PLATFORM, 'name: acme', 'nme: acme')}tenants: ../tenants\n`,
          'tenants/globex.yaml': 'hsot: globex.example.com\n',
        },
        'environments/staging.yaml',
      ),
    ).toEqual([
      'environments/staging.yaml:1:1: name is missing',
      'environments/staging.yaml:1:1: unknown key "nme"; did you mean "name"?',
      'tenants/globex.yaml:1:1: host is missing',
      'tenants/globex.yaml:1:1: unknown key "hsot"; did you mean "host"?',
    ]);
  });

  test('no complaint is made about a tenants folder that was only a guess', () => {
    expect(problems({ 'environments/staging.yaml': 'name: "acme\n' }, 'environments/staging.yaml')).toEqual([
      expect.stringMatching(/^environments\/staging\.yaml:\d+:\d+: /),
    ]);
    expect(problems({}, 'environments/stagign.yaml')).toEqual([
      'environments/stagign.yaml: there is no such file. The environment variable PLATFORM names the platform file; where it is not set, that is platform.yaml',
    ]);
    const ofEach = { 'tenants/globex.yaml': null, 'tenants/staging/globex.yaml': '', 'platform.yaml': null };
    expect(problems(ofEach)).toEqual([expect.stringMatching(/^platform\.yaml: there is no such file/)]);
  });
});

describe('a service without a port', () => {
  const written = (rest: string) => ({ 'platform.yaml': changed(GOOD_PLATFORM, 'port: 3000 }', `${rest} }`) });

  test('has no path and no health path, at which nobody could ask it', () => {
    expect(problems(written('path: /, healthPath: /up'))).toEqual([
      'platform.yaml:8:42: "web-client" has no port, so that nobody could ask it: leave out its "path", or give it a "port"',
      'platform.yaml:8:51: "web-client" has no port, so that nobody could ask it: leave out its "healthPath", or give it a "port"',
    ]);
  });

  test('may say so', () => {
    expect(load(written('path: null, healthPath: null')).platform.services[1]).not.toHaveProperty('path');
  });
});

test('a tenant that is suspended proves nothing to later rings, as one that runs no pods', () => {
  const files = (suspend: boolean) => ({
    'platform.yaml': changed(GOOD_PLATFORM, ', unproven: allow', ''),
    'tenants/globex.yaml': `${GOOD_TENANT}ring: canary\nsuspend: ${suspend}\n`,
    'tenants/hooli.yaml': 'host: hooli.example.com\n',
  });
  expect(problems(files(true))).toEqual([expect.stringContaining('no tenant of "canary" runs anything')]);
  expect(load(files(false)).tenants).toHaveLength(2);
});
