import { differing, specFields, valueText } from '../../lib/tenant/fields';

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
          ['resources.cpu', '50m'],
          ['resources.memory', '128Mi'],
          ['resources.memoryLimit', '512Mi'],
          ['startupSeconds', '120'],
          ['stopSeconds', '25'],
          ['env.LOG_LEVEL', 'info'],
        ]),
      ],
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
