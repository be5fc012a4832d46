import { manifest, PLATFORM, type Planned, PROVIDERS, place, planText, resource, tenant } from './plan-file';
import { reported, shown } from './reported';

const commit = (name: string, service: string, build = 'first') =>
  manifest(name, build).spec.services.find((one) => one.name === service)?.commit ?? '';
const short = (...given: Parameters<typeof commit>) => commit(...given).slice(0, 7);

const unchanged = (name: string): Planned => ({ applied: manifest(name), wanted: manifest(name) });
const changed = (name: string, changes: Parameters<typeof manifest>[2], build = 'first'): Planned => ({
  applied: manifest(name),
  wanted: manifest(name, build, changes),
});

describe.each(PROVIDERS)('what a plan of the %s provider would change', (provider) => {
  const show = (planned: Readonly<Record<string, Planned>>, others: readonly object[] = []) =>
    shown(planText(planned, { provider, others }));

  test('is nothing where all is as it should be', () => {
    expect(show({ amber: unchanged('amber'), birch: unchanged('birch') }, [place('place-0')])).toBe(
      'Nothing would change in the stack tenants: all 2 tenants are as they should be. Planned 2026-11-25 03:06:01 UTC, 2 min ago.\n',
    );
  });

  test('is told by service, from commit to commit, with what lies between them at GitHub', () => {
    const canary = {
      applied: manifest('amber', 'first', {}, 'canary'),
      wanted: manifest('amber', 'second', {}, 'canary'),
    };
    const planned = { amber: canary, birch: changed('birch', {}, 'second') };
    expect(
      show(planned, [place('place-0', ['create'])]),
    ).toBe(`2 of 2 tenants would change. Planned 2026-11-25 03:06:01 UTC, 2 min ago.

Images
  apiserver ${short('amber', 'apiserver')} → ${short('amber', 'apiserver', 'second')} in all 2 tenants
    https://github.com/acme/apiserver/compare/${commit('amber', 'apiserver')}...${commit('amber', 'apiserver', 'second')}
  worker ${short('amber', 'worker')} → ${short('amber', 'worker', 'second')} in all 2 tenants
    https://github.com/acme/worker/compare/${commit('amber', 'worker')}...${commit('amber', 'worker', 'second')}

Waits for earlier rings
  birch (ring general) keep the images that they run until all of canary, early is well on its own
`);
  });

  test('is told loudly where no earlier ring proves an image, unless somebody allowed that', () => {
    const rollout = tenant('birch').rollout;
    const canary = (changes: Parameters<typeof manifest>[2] = {}) => ({
      applied: manifest('amber', 'first', changes, 'canary'),
      wanted: manifest('amber', 'second', changes, 'canary'),
    });
    const told = (changes: Parameters<typeof manifest>[2], of = canary()) => {
      const [from, to] = ['first', 'second'].map((build) => manifest('birch', build, changes));
      return show({ amber: of, birch: { applied: from as never, wanted: to as never } });
    };
    const note =
      /No earlier ring proves apiserver of releases\/0\.0\.2: no tenant there would run it\. The operator keeps the old image in birch\./;

    expect(told({})).not.toMatch(note);
    expect(told({}, canary({ decommission: true }))).toMatch(note);
    const idle = tenant('amber').services.map((service) => ({ ...service, replicas: 0 }));
    expect(told({}, canary({ services: idle }))).toMatch(note);
    const nightly = idle.map((service) => ({ ...service, schedule: '0 3 * * *' }));
    expect(told({}, canary({ services: nightly }))).not.toMatch(note);
    const other = tenant('amber').services.map((service) => ({ ...service, release: 'releases/0.0.3' }));
    expect(told({}, canary({ services: other }))).toMatch(note);
    expect(told({ rollout: { ...rollout, unproven: 'Allow' } }, canary({ services: other }))).not.toMatch(note);
    expect(told({ decommission: true }, canary({ services: other }))).not.toMatch(note);
  });

  test('says for how long an earlier ring must have been well', () => {
    const after = [{ ring: 'canary', bakeSeconds: 600 }];
    const rollout = { ...tenant('birch').rollout, after };
    const planned = {
      applied: manifest('birch', 'first', { rollout }),
      wanted: manifest('birch', 'second', { rollout }),
    };
    expect(show({ birch: planned })).toContain('until all of canary is well on its own for 10 min\n');
  });

  test('shows the one that differs from all others', () => {
    const names = Array.from({ length: 47 }, (_, index) => `t${String(index).padStart(2, '0')}`);
    const planned = Object.fromEntries(names.map((name) => [name, changed(name, {}, 'second')]));
    const behind = { applied: manifest('t05', 'ancient'), wanted: manifest('t05', 'second') };
    const text = show({ ...planned, t05: behind });

    expect(text).toContain(`→ ${short('t00', 'worker', 'second')} in 46 of 47 tenants: all but t05\n`);
    expect(text).toContain(
      `worker ${short('t05', 'worker', 'ancient')} → ${short('t05', 'worker', 'second')} in t05\n`,
    );
  });

  test('names hosts, rings, replicas, releases, paths and what becomes of databases', () => {
    const services = tenant('amber').services.map((service) =>
      service.name === 'apiserver'
        ? { ...service, replicas: { min: 5, max: 9 }, port: 81, healthPath: '/apiserver/live' }
        : service,
    );
    const database = { name: 'tenant_amber', deletionPolicy: 'Delete' as const };
    const text = show({
      amber: {
        applied: manifest('amber'),
        wanted: manifest('amber', 'first', { host: 'new.example.com', services, database }, 'canary'),
      },
    });

    expect(text).toContain(`Settings
  deletion policy of the database Retain → Delete in amber
  host amber.example.com → new.example.com in amber
  ring general → canary in amber
  earlier rings canary (bakeSeconds 0), early (bakeSeconds 0) → none in amber
  apiserver health path /apiserver/v1/health → /apiserver/live in amber
  apiserver replicas.max 0 → 9 in amber
  apiserver port 8080 → 81 in amber
  apiserver replicas 2 → 5 in amber
`);
  });

  describe('of the secrets of a service', () => {
    const taking = (...secrets: readonly [string, string, string][]) => ({
      services: tenant('amber').services.map((service) =>
        service.name === 'apiserver'
          ? {
              ...service,
              secrets: Object.fromEntries(secrets.map(([name, secret, key]) => [name, `${secret}/${key}`])),
            }
          : service,
      ),
    });
    const STRIPE = ['STRIPE_KEY', 'stripe', 'api-key'] as const;
    const from = manifest('amber', 'first', taking(['B_KEY', 'b', 'k'], [...STRIPE]));
    const to = manifest('amber', 'first', taking(['A_KEY', 'a', 'k'], ['STRIPE_KEY', 'stripe-eu', 'api-key']));

    test('names each variable by itself', () => {
      expect(show({ amber: { applied: from, wanted: to } })).toContain(`Settings
  apiserver secrets.A_KEY none → a/k in amber
  apiserver secrets.B_KEY b/k → none in amber
  apiserver secrets.STRIPE_KEY stripe/api-key → stripe-eu/api-key in amber
`);
      expect(show({ amber: { applied: manifest('amber'), wanted: from } })).toContain(
        'apiserver secrets.STRIPE_KEY none → stripe/api-key in amber',
      );
    });

    test('puts back the one that somebody added by hand', () => {
      const text = show({ amber: { applied: manifest('amber'), live: from, wanted: manifest('amber') } });
      expect(text).toContain(
        'apiserver secrets.STRIPE_KEY stripe/api-key → none in amber (edited by hand, will be put back)',
      );
    });
  });

  test('says of a tenant that it is suspended, and that its images wait for nobody then', () => {
    const text = show({ amber: changed('amber', { suspend: true }, 'second') });
    expect(text).toContain('suspended none → true in amber\n');
    expect(text).not.toContain('Waits for earlier rings');
  });

  test('names a variable that changes, comes or goes, and no other', () => {
    const services = (env: Record<string, string>) => tenant('amber').services.map((one) => ({ ...one, env }));
    const before = { LOG_LEVEL: 'info', OLD: 'x', SAME: 'y' };
    const text = show({
      amber: {
        applied: manifest('amber', 'first', { services: services(before) }),
        wanted: manifest('amber', 'first', { services: services({ LOG_LEVEL: 'debug', NEW: '', SAME: 'y' }) }),
      },
    });

    expect(text).toContain(`Settings
  apiserver env.LOG_LEVEL info → debug in amber
  apiserver env.NEW none → "" in amber
  apiserver env.OLD x → none in amber
  worker env.LOG_LEVEL`);
    expect(text).not.toContain('SAME');
  });

  test('names a change of the release once for each service, with its commits', () => {
    const release = 'releases/0.0.3';
    const services = tenant('amber').services.map((service) => ({ ...service, release }));
    expect(show({ amber: changed('amber', { release, services }) })).toMatch(
      /Images\n {2}apiserver \w{7} → \w{7} \(releases\/0\.0\.2 → releases\/0\.0\.3\) in amber\n/,
    );
  });

  test('tells an image that was built anew from one commit, and a commit that is one image', () => {
    const image = (part: 'image' | 'commit') => {
      const wanted = manifest('amber');
      const [first, ...others] = wanted.spec.services;
      const other = manifest('amber', 'second').spec.services[0];
      const services = [{ ...first, [part]: other?.[part] }, ...others];
      return show({
        amber: { applied: manifest('amber'), wanted: { ...wanted, spec: { ...wanted.spec, services } } as never },
      });
    };
    expect(image('image')).toMatch(/apiserver \w{7} built anew, \w{12} → \w{12} in amber/);
    expect(image('commit')).toMatch(/apiserver \w{7} → \w{7}, one image in amber/);
  });

  test('shows services that come and go', () => {
    const services = tenant('amber').services;
    const one = (name: string) => services.filter((service) => service.name === name);
    expect(
      show({
        amber: {
          applied: manifest('amber', 'first', { services: one('worker') }),
          wanted: manifest('amber', 'first', { services: one('apiserver') }),
        },
      }),
    ).toContain(`Images
  apiserver is new, with ${short('amber', 'apiserver')} in amber
  worker goes, it ran ${short('amber', 'worker')} in amber
`);
  });

  test('shows a tenant that is added, with all that it gets', () => {
    const text = show({ amber: unchanged('amber'), umbrella: { wanted: manifest('umbrella', 'first', {}, 'canary') } });
    expect(text).toContain('1 would be added.');
    expect(text).toContain(
      `Added\n  umbrella at umbrella.example.com, ring canary: apiserver ${short('umbrella', 'apiserver')}, worker ${short('umbrella', 'worker')}\n`,
    );
  });

  test('shows a tenant that somebody deleted by hand, and that is made again', () => {
    expect(show({ amber: { wanted: manifest('amber'), gone: true } })).toContain(
      'amber, which somebody deleted by hand, at amber.example.com, ring general',
    );
  });

  test('shows a tenant that is decommissioned, and one that is in use again', () => {
    const text = show({
      amber: changed('amber', { decommission: true }),
      birch: { applied: manifest('birch', 'first', { decommission: true }), wanted: manifest('birch') },
    });
    expect(text).toContain('amber: services stop, data stays, and from then on it may be deleted');
    expect(text).toContain('birch: in use again');
  });

  test('shows the deletion of a tenant that was decommissioned, and what becomes of its data', () => {
    const gone = (deletionPolicy: 'Retain' | 'Delete'): Planned => ({
      applied: manifest('amber', 'first', { decommission: true, database: { name: 'tenant_amber', deletionPolicy } }),
    });
    expect(show({ amber: gone('Retain') })).toContain('amber is deleted; its database tenant_amber is kept');
    expect(show({ amber: gone('Delete') })).toContain(
      'amber is deleted, and its database tenant_amber with all its data',
    );
    expect(reported(planText({ amber: gone('Retain') }, { provider })).verdict).toBe('changes');
  });

  test('shows what somebody edited by hand, and that it is put back', () => {
    const live = { ...manifest('amber'), spec: { ...manifest('amber').spec, host: 'attacker.example.com' } };
    expect(show({ amber: { ...unchanged('amber'), live } })).toContain(
      'Edited by hand\n  host attacker.example.com → amber.example.com in amber (edited by hand, will be put back)\n',
    );
  });

  test('tells an edit by hand from what the files change at the same time', () => {
    const live = { ...manifest('amber'), spec: { ...manifest('amber').spec, host: 'attacker.example.com' } };
    const text = show({ amber: { ...changed('amber', {}, 'second'), live } });
    expect(text).toMatch(/Edited by hand\n {2}host .*put back\)\n\nImages\n {2}apiserver \w{7} → \w{7} in amber\n/);
  });

  test('shows an image that was set by hand', () => {
    expect(show({ amber: { ...unchanged('amber'), live: manifest('amber', 'by hand') } })).toMatch(
      /Edited by hand\n {2}apiserver \w{7} → \w{7} in amber \(edited by hand, will be put back\)/,
    );
  });

  test('says of what was added by hand that no run takes it away', () => {
    const { services, ...spec } = manifest('amber').spec;
    const live = {
      ...manifest('amber'),
      spec: { ...spec, services: services.map((one) => (one.name === 'worker' ? { ...one, path: '/worker' } : one)) },
    };
    const text = show({ amber: { ...unchanged('amber'), live, actions: ['no-op'] } });
    expect(text).toContain('worker path /worker → none in amber (by hand, and stays: no file says anything of it)');
    expect(text).toMatch(/^Nothing would change in the stack tenants\. /);
  });

  test('brings over Tenants from before there was a rollout in one line', () => {
    const earlier = (name: string) => {
      const { spec, ...rest } = manifest(name);
      const { rollout: _, services, ...own } = spec;
      const fewer = services.map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== '')));
      return { ...rest, spec: { ...own, services: fewer } } as unknown as ReturnType<typeof manifest>;
    };
    const text = show({
      amber: { applied: earlier('amber'), wanted: manifest('amber') },
      birch: { applied: earlier('birch'), wanted: manifest('birch') },
    });
    expect(text).toContain(`2 of 2 tenants would change. Planned 2026-11-25 03:06:01 UTC, 2 min ago.

Settings
  rollout none → after canary (bakeSeconds 0), early (bakeSeconds 0), atOnce 10%, unproven Hold in all 2 tenants
`);
  });

  test('says so where the cluster has it already and Terraform alone notes it', () => {
    const text = show({ amber: { ...changed('amber', {}, 'second'), live: manifest('amber', 'second') } });
    expect(text).toContain('Noted by Terraform alone: the cluster has it already\n  amber\n');
    expect(text).toMatch(/^Nothing would change in the cluster\./);
  });
});

describe('a plan that would lose a tenant', () => {
  const loss = (planned: Planned, others: readonly object[] = []) => reported(planText({ amber: planned }, { others }));

  test.each([
    ['deleted', { applied: manifest('amber') }, 'would be deleted, and it is in use. Bring its file back'],
    [
      'replaced',
      { applied: manifest('amber'), wanted: manifest('amber'), actions: ['delete', 'create'] },
      'would be deleted and made anew',
    ],
    [
      'replaced, the new one first',
      { applied: manifest('amber'), wanted: manifest('amber'), actions: ['create', 'delete'] },
      'would be deleted and made anew',
    ],
    [
      'deleted, while somebody put it back to use by hand',
      { applied: manifest('amber', 'first', { decommission: true }), live: manifest('amber') },
      'would be deleted, and it is in use',
    ],
  ])('is refused: %s', (_, planned, reason) => {
    const { verdict, refusals } = loss(planned);
    expect(verdict).toBe('refused');
    expect(refusals).toEqual([{ subject: 'amber', reason: expect.stringContaining(reason) }]);
    expect(shown(planText({ amber: planned }))).toMatch(
      /^REFUSED: this must not be\. Do not deploy this plan\..*\n {2}amber would be deleted/,
    );
  });

  test('is not refused for one that is decommissioned in the cluster, whoever did it', () => {
    const live = manifest('amber', 'first', { decommission: true });
    expect(loss({ applied: manifest('amber'), live }).verdict).toBe('changes');
    expect(loss({ applied: live, wanted: live, actions: ['delete', 'create'] }).verdict).toBe('changes');
  });

  test('is not refused where Terraform lets go of one that stays in the cluster', () => {
    const { verdict, changes } = loss({ applied: manifest('amber'), actions: ['forget'] });
    expect(verdict).toBe('changes');
    expect(changes).toMatchObject([{ tenant: 'amber', what: 'forgotten' }]);
  });

  test.each(['delete', 'delete create'])('is refused where the definition of Tenant goes: %s', (actions) => {
    const definition = { kind: 'CustomResourceDefinition', metadata: { name: 'tenants.tenantry.dev' } };
    const crd = resource('crd', {
      actions: actions.split(' '),
      before: { manifest: definition, object: definition },
      after: null,
    });
    expect(loss({ applied: manifest('amber'), wanted: manifest('amber') }, [crd]).refusals).toMatchObject([
      { subject: 'tenants.tenantry.dev' },
    ]);
  });
});

describe('what a plan of other stacks would change', () => {
  const deployment = (build: string, replicas = 1) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tenantry-operator', namespace: 'tenantry-system' },
    spec: {
      replicas,
      template: {
        metadata: { labels: { 'git.sha': build.repeat(40), 'tenantry.dev/release': 'releases-0.0.2' } },
        spec: { containers: [{ image: `registry/tenantry-operator@sha256:${build.repeat(64)}` }] },
      },
    },
  });
  const update = (before: object, after: object, object: object = before) =>
    resource('one', { actions: ['update'], before: { manifest: before, object }, after: { manifest: after } });

  test("names the operator's commits, and the objects that change with the paths in them", () => {
    const role = (rules: readonly unknown[]) => ({
      kind: 'ClusterRole',
      metadata: { name: 'tenantry-planner' },
      rules,
    });
    const text = shown(
      planText(
        {},
        { others: [update(deployment('a'), deployment('b')), update(role([1]), role([1, { verbs: ['get'] }]))] },
      ),
      { stack: 'operator' },
    );
    expect(text).toContain(`2 other things would change.`);
    expect(text).toContain('  Deployment tenantry-system/tenantry-operator changes: operator aaaaaaa → bbbbbbb\n');
    expect(text).toContain(`    https://github.com/acme/platform/compare/${'a'.repeat(40)}...${'b'.repeat(40)}\n`);
    expect(text).toContain('  ClusterRole tenantry-planner changes: rules.1\n');
  });

  test('says what of them was edited by hand', () => {
    const others = [update(deployment('a'), deployment('a'), deployment('a', 0))];
    expect(shown(planText({}, { others }), { stack: 'operator' })).toContain('spec.replicas (by hand)');
  });

  test('names what is no Kubernetes object by its address', () => {
    const others = [
      resource(
        'image-billing',
        { actions: ['create'], before: null, after: { name: 'billing' } },
        'aws_ecr_repository',
      ),
    ];
    expect(shown(planText({}, { others }), { stack: 'registry' })).toContain(
      'aws_ecr_repository.image-billing is made',
    );
  });

  test('never shows what stands in a Secret, nor what Terraform calls sensitive', () => {
    const secret = (password: string) => ({
      kind: 'Secret',
      metadata: { name: 's' },
      data: { password },
      stringData: { [password]: 'x' },
    });
    const hidden = resource('two', {
      actions: ['update'],
      before: { manifest: { kind: 'ConfigMap', data: 'hunter2' } },
      after: { manifest: { kind: 'ConfigMap', data: 'hunter3' } },
      before_sensitive: { manifest: { data: true } },
      after_sensitive: { manifest: { data: true } },
    });
    const sensitive = planText({
      amber: { applied: manifest('amber'), wanted: manifest('amber', 'first', { host: 'hunter4.example.com' }) },
    });
    const marked = JSON.parse(sensitive);
    marked.resource_changes[0].change.after_sensitive = { manifest: { spec: { host: true } } };
    for (const text of [
      planText({}, { others: [update(secret('hunter1'), secret('hunter2')), hidden] }),
      JSON.stringify(marked),
    ]) {
      expect(JSON.stringify(reported(text)) + shown(text)).not.toContain('hunter');
    }
    expect(shown(JSON.stringify(marked))).toContain('host amber.example.com → (sensitive)');
  });
});

test('a frozen platform is said to be, whatever the plan', () => {
  const text = shown(planText({ amber: unchanged('amber') }), {
    platform: { ...PLATFORM, frozen: 'frozen.lock.json' },
  });
  expect(text).toContain('THE PLATFORM IS FROZEN: what was pushed since is not deployed');
  expect(text).toContain('Its lock is frozen.lock.json.');
});

test('a plan of a part of the stack says that it is one', () => {
  expect(shown(planText({ amber: unchanged('amber') }, { fields: { complete: false } }))).toContain(
    'The plan is of a part of the stack only',
  );
});

test('a repository with ids is linked by its names', () => {
  const services = PLATFORM.services.map((service) => ({ ...service, github: `acme@12/${service.name}@34` }));
  expect(shown(planText({ amber: changed('amber', {}, 'second') }), { platform: { ...PLATFORM, services } })).toContain(
    'https://github.com/acme/apiserver/compare/',
  );
});
