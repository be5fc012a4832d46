import type { PlanReport } from '../../lib/plan/plan-report';
import type { Published } from '../../local/publish';
import { Checkout } from './checkout';

const short = ({ commit }: Published) => commit.slice(0, 7);

/** What a reviewer and a person in an incident ask: what would the next run change, and how is that stopped. */
describe('a fleet whose next run is looked at first', () => {
  let checkout: Checkout;
  let old: Published;
  let running: Published;
  let pushed: Published;
  beforeAll(async () => {
    checkout = await Checkout.create();
    old = await checkout.publish('web-client');
    running = await checkout.publish('web-client');
    await checkout.start();
  });
  afterAll(() => checkout?.remove());

  const plan = (options = '', env: NodeJS.ProcessEnv = {}) =>
    checkout.run(`npx tenantry plan${options && ` ${options}`}`, { as: 'planner', env });
  describe('with tenantry plan', () => {
    test('is told that there is no plan yet, and how to make one', async () => {
      expect(await plan()).toMatchObject({
        exitCode: 2,
        output: expect.stringContaining('there is none. Make one with "npx cdktf diff tenants", or let --run do it'),
      });
    });

    test('sees nothing where nothing would change', async () => {
      const { exitCode, stdout, output } = await plan('--run');
      expect(stdout).toMatch(
        /^Nothing would change in the stack tenants: all 3 tenants are as they should be\. Planned .* just now\.\n$/,
      );
      expect(output).toContain('images: ECR, as it is now');
      expect(exitCode).toBe(0);
    });

    test('sees by service which commit goes to which, and the tenant that differs, in every format', async () => {
      pushed = await checkout.publish('web-client');
      checkout.edit('local/tenants/globex.yaml', 'replicas: 3', 'replicas: 5');
      expect((await checkout.run('npx cdktf diff tenants', { as: 'planner' })).exitCode).toBe(0);
      const link = `https://github.com/acme/web-client/compare/${running.commit}...${pushed.commit}`;

      const text = await plan();
      expect(text.stdout).toMatch(/^3 of 3 tenants would change\./);
      expect(text.stdout).toContain(
        `  web-client ${short(running)} → ${short(pushed)} in all 3 tenants\n    ${link}\n`,
      );
      expect(text.stdout).toContain('  apiserver replicas 3 → 5 in globex\n');
      const markdown = (await plan('--markdown')).stdout;
      expect(markdown).toMatch(/^<!-- tenantry plan: local tenants -->\n/);
      expect(markdown).toContain(
        `- \`web-client\` [\`${short(running)}\` → \`${short(pushed)}\`](${link}) in all 3 tenants\n`,
      );
      const report: PlanReport = JSON.parse((await plan('--json')).stdout);
      expect(report).toMatchObject({ version: 1, platform: 'local', verdict: 'changes', unproven: [] });
      expect(report.waits).toEqual([
        { ring: 'general', after: ['canary'], bakeSeconds: 0, tenants: ['globex', 'initech'] },
      ]);
      expect(report.changes.map(({ tenant, changes }) => [tenant, changes.length])).toEqual([
        ['globex', 2],
        ['initech', 1],
        ['northwind', 1],
      ]);
    });

    test('sees a pull request alone with IMAGES=live, whatever was pushed since', async () => {
      const { stdout, output, exitCode } = await plan('--run --markdown', { IMAGES: 'live' });
      expect(stdout).toContain('**1 of 3 tenants would change.**');
      expect(stdout).toContain('- `apiserver` `replicas` `3` → `5` in `globex`');
      expect(stdout).not.toContain('web-client');
      expect(output).toContain('images: what runs now');
      expect(exitCode).toBe(0);
    });

    test('sees one variable that a pull request sets, in the tenants that get it, and nothing else', async () => {
      const files = ['local/platform.yaml', 'local/tenants/globex.yaml'].map(
        (file) => [file, checkout.read(file)] as const,
      );
      try {
        checkout.write(
          'local/tenants/globex.yaml',
          checkout.read('local/tenants/globex.yaml').replace(/replicas: \d/, 'replicas: 3, env: { LOG_LEVEL: debug }'),
        );
        checkout.edit('local/platform.yaml', 'port: 8080', 'port: 8080\n    env: { LOG_LEVEL: info }');
        const { stdout } = await plan('--run --json', { IMAGES: 'live' });
        const { changes, others }: PlanReport = JSON.parse(stdout);
        const set = (to: string) => [{ kind: 'field', service: 'apiserver', field: 'env.LOG_LEVEL', to }];
        expect(changes.map((change) => [change.tenant, change.changes])).toEqual([
          ['globex', set('debug')],
          ['initech', set('info')],
          ['northwind', set('info')],
        ]);
        expect(others).toEqual([]);
        const why = (await plan('--why')).stdout;
        expect(why).toMatch(
          /apiserver env\.LOG_LEVEL none → debug in globex.*\(local\/tenants\/globex\.yaml:\d+:\d+\)/,
        );
        expect(why).not.toContain('replicas');
      } finally {
        for (const [file, text] of files) checkout.write(file, text);
      }
    });

    test('gets no plan that would lose a tenant in use, and is told which it is', async () => {
      const file = checkout.read('local/tenants/initech.yaml');
      checkout.delete('local/tenants/initech.yaml');
      const { exitCode, output } = await plan('--run', { IMAGES: 'live' });
      checkout.write('local/tenants/initech.yaml', file);

      expect(output).toContain('Nothing is deployed, since a tenant would be lost:');
      expect(output).toContain('initech is in use and has no file. Bring initech.yaml back;');
      expect(exitCode).toBe(2);
      expect(checkout.list('cdktf.out')).toEqual([]);
    });

    test('sees a new tenant, and what somebody edited by hand', async () => {
      checkout.write('local/tenants/umbrella.yaml', 'host: umbrella.example.com\nring: canary\n');
      const edit = { spec: { host: 'attacker.example.com' } };
      await checkout.api.request('PATCH', '/apis/tenantry.dev/v1/tenants/globex', edit);
      const { exitCode, stdout } = await plan('--run', { IMAGES: 'live' });
      checkout.delete('local/tenants/umbrella.yaml');

      expect(exitCode).toBe(0);
      expect(stdout).toContain('  umbrella at umbrella.example.com, ring canary: apiserver ');
      expect(stdout).toContain(
        '  host attacker.example.com → globex.example.com in globex (edited by hand, will be put back)\n',
      );
    });

    test('sees the operator and its commits in the stack of the operator', async () => {
      const { commit } = await checkout.publish('operator');
      const { stdout, exitCode } = await plan('--run --stack operator');
      expect(stdout).toMatch(
        new RegExp(`Deployment tenantry-system/tenantry-operator changes: operator \\w{7} → ${commit.slice(0, 7)}\n`),
      );
      expect(stdout).toContain('https://github.com/acme/platform/compare/');
      expect(exitCode).toBe(0);
    });

    test('is not shown half a plan, nor the plan of another platform', async () => {
      const whole = (await checkout.run('terraform -chdir=cdktf.out/stacks/operator show -json plan')).stdout;
      const { planned_values, ...rest } = JSON.parse(whole);
      const planned = { ...planned_values, outputs: { platform: { value: 'staging' } } };
      checkout.write('half.json', whole.slice(0, 999));
      checkout.write('other.json', JSON.stringify({ ...rest, planned_values: planned }));

      const half = await plan('half.json');
      expect(half).toMatchObject({ exitCode: 2, output: expect.stringContaining('only a part of it') });
      const other = await plan('other.json');
      const reason = 'it is the plan of the platform "staging", and this is local';
      expect(other).toMatchObject({ exitCode: 2, output: expect.stringContaining(reason) });
    });
  });

  describe('with tenantry freeze', () => {
    test('stays on what runs now while files may still change, and everything says that it is frozen', async () => {
      const platformFile = checkout.read('local/platform.yaml');
      const before = await checkout.digests();
      const { exitCode, stdout } = await checkout.run('npx tenantry freeze', { as: 'planner' });
      expect(exitCode).toBe(0);
      expect(stdout).toContain('git add local/platform.yaml local/frozen.lock.json');
      expect(checkout.read('local/platform.yaml')).toBe(`${platformFile}frozen: frozen.lock.json\n`);

      const looked = (await plan('--run')).stdout;
      expect(looked).toContain('THE PLATFORM IS FROZEN');
      expect(looked).toContain('apiserver replicas 3 → 5 in globex');
      expect(looked).not.toContain('Images');
      expect((await checkout.run('npx tenantry resolve')).stdout).toContain('THE PLATFORM IS FROZEN');
      const deployed = await checkout.deploy();
      expect(deployed.exitCode).toBe(0);
      expect(deployed.output).toContain('images: the lock local/frozen.lock.json. THE PLATFORM IS FROZEN');
      expect(await checkout.digests()).toEqual(before);
    });

    test('rolls back one service by its commit, and leaves all others', async () => {
      const before = await checkout.digests();
      const { stdout } = await checkout.run(`npx tenantry freeze --pin web-client=${old.commit.slice(0, 8)}`);
      expect(stdout).toContain(
        `Pinned:\n  web-client ${short(running)} → ${short(old)} in 3 tenants: globex, initech, northwind\n`,
      );
      expect((await checkout.deploy()).exitCode).toBe(0);
      expect(await checkout.digests()).toEqual({
        ...before,
        'globex web-client': old.digest,
        'initech web-client': old.digest,
        'northwind web-client': old.digest,
      });
    });

    test('says how to go on where a tenant needs an image that the lock has not', async () => {
      checkout.write('local/tenants/umbrella.yaml', 'host: umbrella.example.com\nrelease: releases/0.0.3\n');
      const { exitCode, output } = await checkout.run('npx tenantry resolve');
      checkout.delete('local/tenants/umbrella.yaml');
      expect(exitCode).toBe(2);
      expect(output).toContain('"npx tenantry freeze --replace" freezes it anew');
      expect(output).toContain('"npx tenantry unfreeze" ends the freeze');
    });

    test('takes what ECR has once it is unfrozen', async () => {
      const { stdout } = await checkout.run('npx tenantry unfreeze');
      expect(stdout).toContain('local/platform.yaml is frozen no more.');
      expect(checkout.read('local/platform.yaml')).not.toContain('frozen');
      expect(checkout.list('local')).not.toContain('frozen.lock.json');
      checkout.write(
        'local/tenants/initech.yaml',
        `${checkout.read('local/tenants/initech.yaml')}decommission: true\n`,
      );
      const deployed = await checkout.deploy();
      expect(deployed.exitCode).toBe(0);
      expect(deployed.output).not.toContain('FROZEN');
      expect(await checkout.digests()).toMatchObject({ 'northwind web-client': pushed.digest });
    });
  });

  test('a tenant that was decommissioned may be deleted, and the plan says what becomes of its data', async () => {
    checkout.delete('local/tenants/initech.yaml');
    const { exitCode, stdout } = await plan('--run');
    expect(stdout).toContain('  initech is deleted; its database tenant_initech is kept\n');
    expect(exitCode).toBe(0);
  });
});
