import { differing, keysOf, specFields, valueText } from '../../lib/tenant/fields';

const ROLLOUT = {
  unproven: 'Hold',
  atOnce: '10%',
  after: [
    { bakeSeconds: 600, ring: 'canary' },
    { bakeSeconds: 0, ring: 'early' },
  ],
};

describe('a spec, flat', () => {
  test('has a text for each field, in the order of the schema whatever the order of the keys', () => {
    const { own, services } = specFields({
      services: [{ env: [{ value: 'info', name: 'LOG_LEVEL' }], replicas: 2, name: 'api', path: '' }],
      rollout: ROLLOUT,
      host: 'a.example.com',
      decommission: false,
    });
    expect([...own]).toEqual([
      ['host', 'a.example.com'],
      ['rollout.after', 'canary (bakeSeconds 600), early (bakeSeconds 0)'],
      ['rollout.atOnce', '10%'],
      ['rollout.unproven', 'Hold'],
      ['decommission', 'false'],
    ]);
    expect([...services]).toEqual([
      [
        'api',
        new Map([
          ['path', ''],
          ['replicas', '2'],
          ['maxReplicas', '0'],
          ['targetCpu', '80'],
          ['resources.cpu', '50m'],
          ['resources.memory', '128Mi'],
          ['resources.memoryLimit', '512Mi'],
          ['startupSeconds', '120'],
          ['stopSeconds', '25'],
          ['env', ''],
          ['env.LOG_LEVEL', 'info'],
          ['timeZone', 'Etc/UTC'],
          ['jobSeconds', '3600'],
        ]),
      ],
    ]);
  });

  test('has a field for each item of a list whose items have names', () => {
    const secrets = [{ key: 'api-key', name: 'STRIPE_KEY', secret: 'stripe' }];
    const fields = specFields({ services: [{ name: 'api', secrets }] }).services.get('api') ?? [];
    expect([...fields].filter(([key]) => key.startsWith('secrets'))).toEqual([
      ['secrets', ''],
      ['secrets.STRIPE_KEY', 'stripe/api-key'],
    ]);
  });

  test.each([undefined, null, 'x', { services: null }, { services: [null, 1] }, { host: null, rollout: null }])(
    'has nothing for what is not there or is no spec: %j',
    (spec) => {
      expect(specFields(spec)).toEqual({ own: new Map(), services: new Map() });
    },
  );

  test('says of a value that has not its type what it is', () => {
    expect([...specFields({ host: { odd: 1 }, rollout: { after: 'x' } }).own]).toEqual([
      ['host', '{"odd":1}'],
      ['rollout.after', 'x'],
    ]);
  });
});

describe('two specs', () => {
  const without = specFields({ host: 'a.example.com', database: { name: 'a' } }).own;
  const having = specFields({ host: 'a.example.com', database: { name: 'b' }, rollout: ROLLOUT }).own;

  test('differ once by a group that only one of them has', () => {
    expect(differing(without, having)).toEqual(['database.name', 'rollout']);
    expect(differing(having, without)).toEqual(['database.name', 'rollout']);
    expect(valueText(without, 'rollout')).toBeUndefined();
    expect(valueText(having, 'rollout')).toBe(
      'after canary (bakeSeconds 600), early (bakeSeconds 0), atOnce 10%, unproven Hold',
    );
  });

  test('differ by the single field of a group that both have', () => {
    const other = specFields({
      host: 'a.example.com',
      database: { name: 'b' },
      rollout: { ...ROLLOUT, after: [] },
    }).own;
    expect(differing(having, other)).toEqual(['rollout.after']);
    expect(valueText(other, 'rollout.after')).toBeUndefined();
  });

  describe('of which one has variables', () => {
    const silent = specFields({ services: [{ name: 'api' }] }).services.get('api') ?? new Map();
    const of = (...names: readonly string[]) => {
      const secrets = names.map((name) => ({ name, secret: 'stripe', key: 'api-key' }));
      return specFields({ services: [{ name: 'api', secrets }] }).services.get('api') ?? new Map();
    };

    test.each([
      ['has others', of('B_KEY')],
      ['has none', of()],
      ['says nothing of them, as before there were any', silent],
    ])('differ by each single variable, where the other %s', (_, other) => {
      const one = of('STRIPE_KEY', 'A_KEY');
      const names = [...new Set([...one.keys(), ...other.keys()])].filter((key) => key.startsWith('secrets.')).sort();
      expect(differing(one, other)).toEqual(names);
      expect(differing(other, one)).toEqual(names);
      expect(valueText(one, 'secrets.STRIPE_KEY')).toBe('stripe/api-key');
      expect(valueText(other, 'secrets.STRIPE_KEY')).toBeUndefined();
    });

    test('are alike where neither has one', () => {
      expect(differing(of(), silent)).toEqual([]);
    });

    test('differ by a field that belongs to a list, which is written as a whole', () => {
      expect(keysOf(of('STRIPE_KEY'), 'secrets.STRIPE_KEY')).toEqual(['secrets.STRIPE_KEY', 'secrets']);
      expect(keysOf(of(), 'secrets.STRIPE_KEY')).toEqual(['secrets']);
    });
  });

  const variables = (env: object) => {
    const list = Object.entries(env).map(([name, value]) => ({ name, value }));
    return specFields({ services: [{ name: 'api', env: list }] }).services.get('api') ?? new Map();
  };

  test('differ by each variable, also by the first and the last that there is', () => {
    expect(differing(variables({ A: 'x', B: 'y' }), variables({ A: 'x', B: 'z', C: '' }))).toEqual(['env.B', 'env.C']);
    expect(differing(variables({}), variables({ A: 'x' }))).toEqual(['env.A']);
  });

  test('differ by being suspended, and not by saying that one is not', () => {
    const own = (spec: object) => specFields({ host: 'a.example.com', ...spec }).own;
    expect(differing(own({}), own({ suspend: false }))).toEqual([]);
    expect(differing(own({ suspend: false }), own({ suspend: true }))).toEqual(['suspend']);
  });

  test('differ by the server of the database, its connections and its rotation, and not by saying that these are the default ones', () => {
    const database = { name: 'a', deletionPolicy: 'Retain' };
    const said = specFields({ database: { ...database, server: '', connectionLimit: 0, rotation: '' } }).own;
    expect(differing(specFields({ database }).own, said)).toEqual([]);
    const other = specFields({ database: { ...database, server: 'eu-2', connectionLimit: 5, rotation: 'b' } }).own;
    expect(differing(said, other)).toEqual(['database.connectionLimit', 'database.rotation', 'database.server']);
  });

  test('differ by what pods may connect to and take, nothing at all among it, and not by saying that there is no limit', () => {
    const said = specFields({ egress: [], quota: { cpu: '', memory: '', pods: 0 } }).own;
    expect(differing(specFields({}).own, said)).toEqual([]);
    const other = specFields({ egress: ['none'], quota: { cpu: '4', memory: '', pods: 40 } }).own;
    expect(differing(said, other)).toEqual(['egress', 'quota']);
    expect(valueText(other, 'quota')).toBe('cpu 4, pods 40');
    const more = specFields({ egress: ['none'], quota: { cpu: '4', memory: '8Gi', pods: 40 } }).own;
    expect(differing(other, more)).toEqual(['quota.memory']);
  });

  test('differ by a port that one has and the other has not', () => {
    const port = (port: number) => specFields({ services: [{ name: 'api', port }] }).services.get('api') ?? new Map();
    expect(differing(port(0), port(80))).toEqual(['port']);
    expect(valueText(port(0), 'port')).toBeUndefined();
  });

  test('differ by a command as a whole, also where its words are the same in other places', () => {
    const command = (...command: string[]) =>
      specFields({ services: [{ name: 'api', command }] }).services.get('api') ?? new Map();
    expect(differing(command('a b', ''), command('a', 'b', ''))).toEqual(['command']);
    expect(valueText(command('node', 'a b', ''), 'command')).toBe('node "a b" ""');
    expect(valueText(command(), 'command')).toBeUndefined();
  });

  test('are alike where one says what is the default of what the other leaves out', () => {
    const service = (more: object) =>
      specFields({ services: [{ name: 'api', ...more }] }).services.get('api') ?? new Map();
    const resources = { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' };
    expect(differing(service({ resources: null }), service({ resources }))).toEqual([]);
    expect(differing(service({}), service({ resources: { ...resources, cpu: '1' } }))).toEqual(['resources.cpu']);
  });

  test('tell a variable that is empty from none, and from one that is a pair of quotes', () => {
    const [empty, quotes] = [variables({ A: '' }), variables({ A: '""' })];
    expect(valueText(empty, 'env.A')).toBe('""');
    expect(valueText(quotes, 'env.A')).toBe(JSON.stringify('""'));
  });

  test('are alike where one says nothing and the other says ""', () => {
    expect(differing(new Map(), new Map([['path', '']]))).toEqual([]);
  });
});
