import { circleOf, inOrder, references } from '../../lib/config/references';
import { tenantSettings } from '../../lib/config/tenant-settings';
import { changed, GOOD_PLATFORM, GOOD_TENANT, load, problems } from './configuration-files';

/** The good platform, whose web-client has these variables. */
const platform = (env: string) => changed(GOOD_PLATFORM, 'port: 3000 }', `port: 3000, env: ${env} }`);
const tenant = (env: string) => `${GOOD_TENANT}services: { web-client: { env: ${env} } }\n`;
const files = (ours: string, own?: string) => ({
  'platform.yaml': platform(ours),
  ...(own !== undefined && { 'tenants/globex.yaml': tenant(own) }),
});
const envOf = (ours: string, own?: string) => {
  const [globex] = load(files(ours, own)).tenants;
  return globex && tenantSettings(globex).services.find(({ name }) => name === 'web-client')?.env;
};

describe('the variables of a service', () => {
  test('are those of the platform, with those of the tenant over them, by name', () => {
    expect(envOf('{ LOG_LEVEL: info, REGION: eu }', '{ LOG_LEVEL: debug, THEME: dark }')).toEqual([
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'REGION', value: 'eu' },
      { name: 'THEME', value: 'dark' },
    ]);
  });

  test('are said to be none where there are none', () => {
    const [globex] = load().tenants;
    expect(globex && tenantSettings(globex).services.map(({ env }) => env)).toEqual([[], []]);
  });

  test.each(['1.10', '0x1F', '1e3', '007', 'true', 'False', '-0', '.5', '.nan', '12345678901234567890'])(
    '%s arrives as it is written, though YAML reads another thing',
    (written) => {
      expect(envOf(`{ X: ${written} }`)).toEqual([{ name: 'X', value: written }]);
      expect(envOf('{}', `{ X: ${written} }`)).toEqual([{ name: 'X', value: written }]);
    },
  );

  test('arrive as they are written by way of an anchor, too', () => {
    const text = changed(GOOD_PLATFORM, 'port: 3000 }', 'port: 3000, env: { A: &a 1.10 } }');
    const both = changed(text, 'port: 8080,', 'port: 8080, env: { A: *a },');
    const [globex] = load({ 'platform.yaml': both }).tenants;
    expect(globex?.services.map(({ env }) => env)).toEqual([{ A: '1.10' }, { A: '1.10' }]);
  });

  test('may be empty, of several lines, and what Terraform or a shell would read as something else', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text, here
    const odd = { EMPTY: '', LINES: 'a\nb\n', TEMPLATE: '${x} %{y}', SHELL: '$HOME `id` "\'' };
    expect(envOf(JSON.stringify(odd))).toEqual(
      Object.entries(odd)
        .map(([name, value]) => ({ name, value }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  });

  test.each(['PORT', 'TENANT', 'HOST', 'GIT_SHA', 'PGHOST', 'PGPASSWORD', 'PGSSLROOTCERT', 'PGCONNECT_TIMEOUT'])(
    'can not be %s, by which a service is told something',
    (name) => {
      const why = `"${name}" is taken: PORT, TENANT, HOST and GIT_SHA tell a service what it is, and PG... how to reach its database`;
      expect(problems(files(`{ ${name}: x }`))).toEqual([`platform.yaml:8:61: ${why}`]);
      expect(problems(files('{}', `{ ${name}: x }`))).toEqual([`tenants/globex.yaml:2:34: ${why}`]);
    },
  );

  test.each(['PORTS', 'port', 'PG_POOL', 'constructor', '_'])('may be %s', (name) => {
    expect(envOf(`{ ${name}: x }`)).toEqual([{ name, value: 'x' }]);
  });

  test.each([
    ['{ LOG-LEVEL: x }', 61, '"LOG-LEVEL" must be letters, digits and "_", and begin with no digit'],
    ['{ 1A: x }', 61, '"1A" must be letters, digits and "_", and begin with no digit'],
    [`{ ${'A'.repeat(129)}: x }`, 61, `"${'A'.repeat(129)}" must have at most 128 characters`],
    ['{ A: }', 64, 'services.web-client.env.A must be text, a number, true or false'],
    ['{ A: [x] }', 64, 'services.web-client.env.A must be text, a number, true or false'],
    ['{ A: "\\0" }', 64, 'services.web-client.env.A must not contain the character NUL'],
    [`{ A: ${'x'.repeat(4097)} }`, 64, 'services.web-client.env.A must have at most 4096 characters'],
    [`{ A: 1.${'0'.repeat(4096)} }`, 64, 'services.web-client.env.A must have at most 4096 characters'],
    ['[A]', 59, 'services.web-client.env must be a map of keys'],
  ])('are refused where they are no variables: %.30s', (env, column, message) => {
    expect(problems(files(env))).toEqual([`platform.yaml:8:${column}: ${message}`]);
  });

  const many = (start: string, count: number, value = 'x') =>
    `{ ${Array.from({ length: count }, (_, n) => `${start}${n}: ${value}`).join(', ')} }`;

  test('are 64 at most, those of the platform counted', () => {
    expect(problems(files(many('A', 65)))).toEqual([
      'platform.yaml:8:59: services.web-client.env must have at most 64 variables',
    ]);
    expect(problems(files(many('A', 40), many('B', 25)))).toEqual([
      'tenants/globex.yaml:2:32: services.web-client.env comes to 65 variables in all, and may have 64',
    ]);
    expect(envOf(many('A', 40), many('A', 64))).toHaveLength(64);
  });

  test('are small enough that a Tenant is an object that the cluster takes', () => {
    expect(problems(files(many('A', 64, 'x'.repeat(4096))))).toEqual([
      'tenants/globex.yaml:1:1: the variables, commands and arguments of the tenant come to more than 256 KiB',
    ]);
  });
});

describe('a variable that refers to another', () => {
  test('comes behind it, for Kubernetes fills in what stands before alone', () => {
    expect(envOf('{ A: $(C)/$(HOST), B: $(A), C: x, D: $$(E) }')?.map(({ name }) => name)).toEqual([
      'C',
      'A',
      'B',
      'D',
    ]);
  });

  test('may refer to one that only tenants have', () => {
    expect(envOf('{ URL: https://$(REGION).example.com }', '{ REGION: eu }')?.map(({ name }) => name)).toEqual([
      'REGION',
      'URL',
    ]);
  });

  test('may not refer to one that there is not: Kubernetes would leave the text as it is', () => {
    expect(problems(files('{ URL: https://$(HOSTS) }'))).toEqual([
      'platform.yaml:8:66: env.URL refers to $(HOSTS), and the service has no such variable ($$(HOSTS) is that text itself); did you mean "HOST"? (in the tenant "globex")',
    ]);
    expect(problems(files('{ REGION: eu }', '{ URL: "$(REGIN) $(REGIN)" }'))).toEqual([
      'tenants/globex.yaml:2:39: env.URL refers to $(REGIN), and the service has no such variable ($$(REGIN) is that text itself); did you mean "REGION"?',
    ]);
  });

  test('may not refer to a port where there is none', () => {
    const worker = changed(GOOD_PLATFORM, 'port: 3000 }', 'env: { A: $(PORT) } }');
    expect(problems({ 'platform.yaml': worker })).toEqual([
      expect.stringContaining('env.A refers to $(PORT), and the service has no such variable'),
    ]);
  });

  test('is told of once where the platform says it to every tenant', () => {
    const hooli = 'host: hooli.example.com\n';
    expect(problems({ ...files('{ URL: $(HOSTS) }'), 'tenants/hooli.yaml': hooli })).toHaveLength(1);
  });

  test('may not refer to itself, by whatever way', () => {
    expect(problems(files('{ PATH: "/app/bin:$(PATH)" }'))).toEqual([
      'platform.yaml:8:67: env.PATH refers to itself: PATH → PATH (in the tenant "globex")',
    ]);
    expect(problems(files('{ A: $(B) }', '{ B: $(A) }'))).toEqual([
      'platform.yaml:8:64: env.A refers to itself: A → B → A (in the tenant "globex")',
      'tenants/globex.yaml:2:37: env.B refers to itself: B → A → B',
    ]);
  });
});

describe('a command and its arguments', () => {
  const written = (text: string) => changed(GOOD_PLATFORM, 'port: 3000 }', `port: 3000, ${text} }`);
  const own = (text: string) => `${GOOD_TENANT}services: { web-client: { ${text} } }\n`;

  test('are those of the platform, word by word as they are written, and another of the tenant in place of the whole', () => {
    const [globex] = load({
      'platform.yaml': written('command: [node, worker.js], args: [--rate, 1.50, "a b", "$(HOST)"]'),
      'tenants/globex.yaml': own('args: [--fast]'),
    }).tenants;
    const [apiserver, client] = globex ? tenantSettings(globex).services : [];
    expect(client).toMatchObject({ command: ['node', 'worker.js'], args: ['--fast'] });
    expect(apiserver).toMatchObject({ command: [], args: [] });
    expect(load({ 'platform.yaml': written('args: [1.50, true]') }).tenants[0]?.services[1]?.args).toEqual([
      '1.50',
      'true',
    ]);
  });

  test('are a list of words, that refers to nothing that there is not', () => {
    expect(problems({ 'platform.yaml': written('command: node worker.js') })).toEqual([
      'platform.yaml:8:63: services.web-client.command must be a list of words, such as [node, server.js]',
    ]);
    expect(problems({ 'platform.yaml': written('args: [[x]]') })).toEqual([
      'platform.yaml:8:61: services.web-client.args.0 must be text, a number, true or false',
    ]);
    expect(problems({ 'tenants/globex.yaml': own('args: [x, "$(POTR)"]') })).toEqual([
      'tenants/globex.yaml:2:37: args.1 refers to $(POTR), and the service has no such variable ($$(POTR) is that text itself); did you mean "PORT"?',
    ]);
    expect(problems({ 'platform.yaml': written(`args: [${'x,'.repeat(65)}]`) })).toEqual([
      'platform.yaml:8:60: services.web-client.args must have at most 64 words',
    ]);
  });
});

describe('references', () => {
  test.each([
    ['$(A)$(B)', ['A', 'B']],
    ['$$(A)', []],
    ['$$$(A)', ['A']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a shell has it
    ['$A ${A} $(A', []],
    ['$(date +%s)', ['date +%s']],
    ['$()', ['']],
    ['$($(A))', ['$(A']],
  ])('are read as Kubernetes does: %s', (text, names) => {
    expect(references(text)).toEqual(names);
  });

  test('that go in a circle do not hang', () => {
    expect(inOrder({ A: '$(B)', B: '$(A)' }).map(({ name }) => name)).toEqual(['B', 'A']);
    const all = Object.fromEntries(
      Array.from({ length: 64 }, (_, n) => [`V${n}`, Array.from({ length: 64 }, (__, m) => `$(V${m})`).join('')]),
    );
    expect(circleOf('V0', all)).toEqual(['V0', 'V0']);
    expect(inOrder(all)).toHaveLength(64);
  });
});
