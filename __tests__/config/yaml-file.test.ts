import { GOOD_PLATFORM, problems } from './configuration-files';

/** What is wrong with a text in place of the tenant globex. */
const inTenant = (text: string | Buffer) => problems({ 'tenants/globex.yaml': text });

describe('a file that is not the YAML it should be', () => {
  test('a key that stands twice is refused where it stands the second time', () => {
    expect(inTenant('host: a.example.com\nring: canary\nhost: b.example.com\n')).toEqual([
      'tenants/globex.yaml:3:1: this key stands twice in the same map',
    ]);
  });

  test('a key that stands twice deep inside is refused too', () => {
    expect(inTenant('host: a.example.com\nservices:\n  apiserver: { replicas: 1, replicas: 2 }\n')).toEqual([
      'tenants/globex.yaml:3:29: this key stands twice in the same map',
    ]);
  });

  test.each([
    ['nothing at all', ''],
    ['only a comment', '# host: globex.example.com\n'],
    ['only a document marker', '---\n'],
    ['only a byte order mark', '\ufeff'],
    ['null', 'null\n'],
  ])('a file with %s is called empty', (_, text) => {
    expect(inTenant(text)).toEqual(['tenants/globex.yaml: the file is empty']);
  });

  test('a second document is refused where it begins', () => {
    expect(inTenant('host: a.example.com\n---\nhost: b.example.com\n')).toEqual([
      'tenants/globex.yaml:2:1: a second document begins here ("---"), and the file may hold one only',
    ]);
  });

  test.each([
    ['text', 'globex.example.com\n'],
    ['a list', '- host: globex.example.com\n'],
    ['a number', '1\n'],
    ['bytes that are no text', Buffer.from([0x00, 0x01, 0xff, 0xfe, 0x0a, 0xc8])],
    ['UTF-16', Buffer.from('host: globex.example.com\n', 'utf16le')],
  ])('a file that holds %s is refused for not being a map', (_, text) => {
    expect(inTenant(text)).toEqual(['tenants/globex.yaml:1:1: must be a map of keys']);
  });

  test('a tab as indentation is refused where it stands', () => {
    expect(inTenant('host: a.example.com\nservices:\n\tapiserver: {}\n')).toEqual([
      'tenants/globex.yaml:3:1: Tabs are not allowed as indentation',
    ]);
  });

  test('a key without its colon is refused where it stands', () => {
    expect(inTenant('host globex.example.com\nring: canary\n')).toEqual([
      'tenants/globex.yaml:1:1: there is no ":" after this key',
    ]);
  });

  test('an alias of nothing is refused where it stands', () => {
    expect(inTenant('host: globex.example.com\nring: *canary\n')).toEqual([
      'tenants/globex.yaml:2:7: there is no anchor "&canary" before this',
    ]);
  });

  test('an alias before its anchor is an alias of nothing', () => {
    expect(inTenant('host: *host\nring: &host globex.example.com\n')).toEqual([
      'tenants/globex.yaml:1:7: there is no anchor "&host" before this',
    ]);
  });

  test('aliases that grow beyond all measure are refused, not followed', () => {
    const level = (name: string, below: string) => `${name}: &${name} [${`*${below}, `.repeat(9)}]\n`;
    const text = `a: &a [x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}host: *e\n`;
    expect(inTenant(text)).toEqual([
      expect.stringMatching(/^tenants\/globex\.yaml:1:1: its aliases cannot be followed: /),
    ]);
  });

  test('a map that contains itself is refused for what it contains', () => {
    expect(inTenant('&me { host: globex.example.com, services: *me }\n')).toEqual([
      'tenants/globex.yaml:1:43: services.host must be a map of keys',
      'tenants/globex.yaml:1:43: unknown key "host"; known: release, replicas, resources, startupSeconds, stopSeconds, command, args, env, migrate, schedule, timeZone, jobSeconds, volumes, role, secrets',
      'tenants/globex.yaml:1:43: unknown key "services"; known: release, replicas, resources, startupSeconds, stopSeconds, command, args, env, migrate, schedule, timeZone, jobSeconds, volumes, role, secrets',
    ]);
  });

  test('a problem inside an alias is reported where the alias stands', () => {
    const services =
      'services:\n  a: &a { repository: aa, github: acme/a, port: 0 }\n  b: { github: acme/b, port: 1 }\n  c: *a\n';
    expect(problems({ 'platform.yaml': GOOD_PLATFORM.replace(/services:\n( {2}.*\n)+/, services) })).toEqual([
      'platform.yaml:8:49: services.a.port must be 1 to 65535',
      'platform.yaml:10:6: services.c.port must be 1 to 65535',
    ]);
  });

  test('a tag that means nothing here is refused: its value would not be what it looks like', () => {
    expect(inTenant('host: !secret globex\n')).toEqual(['tenants/globex.yaml:1:7: Unresolved tag: !secret']);
  });

  test.each([
    ['a list', '? [a, b]\n: c\n', '1:3'],
    ['a map', '? { a: b }\n: c\n', '1:3'],
    ['null', 'null: c\n', '1:1'],
    ['__proto__', '__proto__: { host: a.b }\n', '1:1'],
  ])('a key that is %s is refused', (_, text, place) => {
    expect(inTenant(`${text}host: globex.example.com\n`)).toEqual([`tenants/globex.yaml:${place}: a key must be text`]);
  });

  test('__proto__ is no name of a service either, which a schema would not see', () => {
    expect(inTenant('host: globex.example.com\nservices: { __proto__: { replicas: 9 } }\n')).toEqual([
      'tenants/globex.yaml:2:13: a key must be text',
    ]);
  });

  test('what is nested too deeply is refused with one line', () => {
    expect(inTenant(`host: ${'['.repeat(20_000)}`)).toEqual([
      expect.stringMatching(/^tenants\/globex\.yaml:1:\d+: this is nested too deeply$/),
    ]);
  });

  test('every syntax error of every file comes at once', () => {
    expect(
      problems({
        'platform.yaml': 'name: "acme\n',
        'tenants/a.yaml': 'host: [\n',
        'tenants/globex.yaml': 'host: a: b\n',
      }).map((line) => line.split(':')[0]),
    ).toEqual(expect.arrayContaining(['platform.yaml', 'tenants/a.yaml', 'tenants/globex.yaml']));
  });

  describe('the place of a problem', () => {
    test('is right behind a byte order mark', () => {
      expect(inTenant('\ufeffhsot: globex.example.com\n')).toEqual([
        'tenants/globex.yaml:1:1: host is missing',
        'tenants/globex.yaml:1:1: unknown key "hsot"; did you mean "host"?',
      ]);
    });

    test('is right with the line ends of Windows', () => {
      expect(inTenant('# A tenant\r\n\r\nhost: globex.example.com\r\nring:   canari\r\n')).toEqual([
        'tenants/globex.yaml:4:9: there is no ring "canari" in the platform file; did you mean "canary"?',
      ]);
    });

    test('is right behind comments, empty lines and letters beyond ASCII', () => {
      expect(inTenant('# Grüße, 世界\n\nhost:\n  # its DNS name\n  "münchen.example.com"\n')).toEqual([
        'tenants/globex.yaml:5:3: host must be a DNS name in lower case, such as acme.example.com',
      ]);
    });
  });
});

describe('a file that cannot be read', () => {
  test('a platform file that is not there is the problem, and the tenants beside it are read all the same', () => {
    expect(problems({ 'platform.yaml': null, 'tenants/globex.yaml': 'hots: a.example.com\n' })).toEqual([
      'platform.yaml: there is no such file. The environment variable PLATFORM names the platform file; where it is not set, that is platform.yaml',
      'tenants/globex.yaml:1:1: host is missing',
      'tenants/globex.yaml:1:1: unknown key "hots"; did you mean "hosts"?',
    ]);
  });

  test('a folder in place of the platform file is refused', () => {
    expect(problems({ 'environment/platform.yaml': '' }, 'environment')).toEqual([
      expect.stringMatching(/^environment: cannot be read: EISDIR/),
    ]);
  });

  test('a folder that is named like a tenant is refused', () => {
    expect(problems({ 'tenants/acme.yaml/host': '' })).toEqual([
      expect.stringMatching(/^tenants\/acme\.yaml: cannot be read: EISDIR/),
    ]);
  });
});
