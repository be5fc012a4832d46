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
      services: [{ replicas: 2, name: 'api', path: '' }],
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
        ]),
      ],
    ]);
  });

  test('has a field for each item of a list whose items have names', () => {
    const secrets = [{ key: 'api-key', name: 'STRIPE_KEY', secret: 'stripe' }];
    expect([...(specFields({ services: [{ name: 'api', secrets }] }).services.get('api') ?? [])]).toEqual([
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
    const of = (...names: readonly string[]) => {
      const secrets = names.map((name) => ({ name, secret: 'stripe', key: 'api-key' }));
      return specFields({ services: [{ name: 'api', secrets }] }).services.get('api') ?? new Map();
    };

    test.each([
      ['has others', of('B_KEY')],
      ['has none', of()],
      ['says nothing of them, as before there were any', new Map()],
    ])('differ by each single variable, where the other %s', (_, other) => {
      const one = of('STRIPE_KEY', 'A_KEY');
      const names = [...new Set([...one.keys(), ...other.keys()])].filter((key) => key !== 'secrets').sort();
      expect(differing(one, other)).toEqual(names);
      expect(differing(other, one)).toEqual(names);
      expect(valueText(one, 'secrets.STRIPE_KEY')).toBe('stripe/api-key');
      expect(valueText(other, 'secrets.STRIPE_KEY')).toBeUndefined();
    });

    test('are alike where neither has one', () => {
      expect(differing(of(), new Map())).toEqual([]);
    });

    test('differ by a field that belongs to a list, which is written as a whole', () => {
      expect(keysOf(of('STRIPE_KEY'), 'secrets.STRIPE_KEY')).toEqual(['secrets.STRIPE_KEY', 'secrets']);
      expect(keysOf(of(), 'secrets.STRIPE_KEY')).toEqual(['secrets']);
    });
  });

  test('are alike where one says nothing and the other says ""', () => {
    expect(differing(new Map(), new Map([['path', '']]))).toEqual([]);
  });
});
