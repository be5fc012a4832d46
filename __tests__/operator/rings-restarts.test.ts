import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until';
import { ALL } from './extent';
import { Lab } from './lab';
import {
  api,
  deploymentOf,
  everRan,
  imageOf,
  Pair,
  ringed,
  rolloutAfter,
  setHealth,
  untilHeld,
  watchRolling,
} from './ringed-tenants';
import { image } from './tenant-object';

/** Half a minute long each, for the real time that a ring takes: these run where all tests are asked for. */
const testWhole = ALL ? test : test.skip;

/** What it decided before counts for nothing: it decides anew, from what is there. */
describe('an operator that is started anew', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create();
    await lab.start();
  });
  afterAll(() => lab?.remove());
  afterEach(() => lab.writes.reset());

  /** Kills the operator at a write; tells whether it did. */
  const killAt = (moment: 'before' | 'after', part: string) => {
    let killed = false;
    lab.writes.intercept(({ what }, _, now) => {
      if (killed || now !== moment || !what.includes(part)) return 'pass';
      killed = true;
      lab.kill();
      return 'cut';
    });
    return until(`the operator was killed ${moment} a write of ${part}`, () => killed);
  };

  test('lets nobody through whose canary got ill after it had proved an image', async () => {
    const pair = await new Pair(lab, 'gate').begin();
    const killed = killAt('before', `tenant-${pair.later}/deployments/api`);
    await pair.ask({ services: [api(2)] });
    await killed;
    lab.writes.reset();
    await setHealth(lab, pair.canary, false);
    await lab.start();
    await pair.untilHeld('BadStatus');
    expect(await everRan(lab, pair.later)).toEqual([1]);

    await setHealth(lab, pair.canary, true);
    await lab.untilReady(pair.later);
    expect(await everRan(lab, pair.later)).toEqual([1, 2]);
  });

  testWhole('lets a canary bake no longer than it had to', async () => {
    const pair = await new Pair(lab, 'baking').begin();
    const rollout = { ...pair.rollout, after: [{ ring: pair.rings.canary, bakeSeconds: 3600 }] };
    await lab.change(pair.canary, { services: [api(2)] });
    await lab.change(pair.later, { services: [api(2)], rollout });
    const end = async () => {
      const message = await pair.untilHeld('has to be so until');
      return Date.parse(message.replace(/.* until (\S+) (\S+) UTC/, '$1T$2Z'));
    };
    const before = await end();
    lab.kill();
    // Long enough to tell.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await lab.start();
    await until('its canary was asked again', async () => Math.abs((await end()) - before) < 3000);
  });

  testWhole('goes on with a ring that is half-way, and never with two at once', async () => {
    const names = ['half-a', 'half-b', 'half-c'];
    await lab.apply(ringed('half-canary', 'half'));
    const rollout = { ...rolloutAfter('half'), atOnce: '1' };
    for (const name of names) await lab.apply(ringed(name, 'half-later', { rollout }));
    await lab.untilReady('half-canary', ...names);

    const watching = watchRolling(lab, names);
    let begun = 0;
    lab.writes.intercept(({ what }, _, moment) => {
      if (moment !== 'after' || !names.some((name) => what.includes(`tenant-${name}/deployments/api`))) return 'pass';
      begun += 1;
      // At each of them: while it rolls, nobody is there.
      lab.kill();
      return 'cut';
    });
    for (const name of ['half-canary', ...names]) await lab.change(name, { services: [api(2)] });
    for (const nth of [1, 2, 3]) {
      await until(`the operator was killed ${nth} times`, () => begun === nth);
      await lab.start();
    }
    await lab.untilReady(...names);
    const { most } = await watching.end();
    expect(most).toBe(1);
    for (const name of names) expect(await everRan(lab, name)).toEqual([1, 2]);
  });

  testWhole(
    'in another version brings its pod templates to the canary first, and ring by ring to the others, few at once',
    async () => {
      const names = ['upgrade-a', 'upgrade-b'];
      // Its host answers 503 from the beginning.
      await lab.apply(ringed('upgrade-canary', 'upgrade', { services: [api(1, 'answers')] }));
      for (const name of names) await lab.apply(ringed(name, 'upgrade-later'));
      await lab.untilReady('upgrade-canary', ...names);
      const rollout = { ...rolloutAfter('upgrade'), atOnce: '1' };
      for (const name of names) await lab.change(name, { rollout });
      await lab.untilReady(...names);
      const before = await Promise.all(names.map((name) => deploymentOf(lab, name)));

      const isNew = async (name: string) => {
        const { spec } = await deploymentOf(lab, name);
        return spec.template.spec.containers[0].env.some((one: { name: string }) => one.name === 'RENDERED_BY');
      };
      await lab.stop();
      await lab.start({}, anotherVersion(lab));
      await until('the canary has the new template', () => isNew('upgrade-canary'));
      for (const name of names) await untilHeld(lab, name, 'BadStatus');
      // A new number of pods has nothing to do with the template.
      await lab.change('upgrade-a', { services: [api(1, undefined, { replicas: 2 })] });
      await until('it has two pods', async () => (await deploymentOf(lab, 'upgrade-a')).status.readyReplicas === 2);
      await untilHeld(lab, 'upgrade-a', 'BadStatus');
      for (const [index, name] of names.entries())
        expect((await deploymentOf(lab, name)).spec.template).toEqual(before[index].spec.template);

      const watching = watchRolling(lab, names);
      await setHealth(lab, 'upgrade-canary', true);
      await until('all have the new template', async () => (await Promise.all(names.map(isNew))).every(Boolean));
      await lab.untilReady(...names);
      expect((await watching.end()).most).toBe(1);
      for (const name of names) expect(await imageOf(lab, name)).toBe(image('api', 1));

      // And back.
      await lab.stop();
      await lab.start();
      await until('the canary has the former template', async () => !(await isNew('upgrade-canary')));
      await until('all have the former template', async () => {
        await setHealth(lab, 'upgrade-canary', true);
        return (await Promise.all(names.map(isNew))).every((one) => !one);
      });
      await lab.untilReady(...names);
    },
  );
});

/** The folder of an operator that tells services one thing more. */
function anotherVersion(lab: Lab): string {
  const folder = join(lab.directory, 'another-version');
  cpSync(join(__dirname, '../../operator/tenantry_operator'), join(folder, 'tenantry_operator'), { recursive: true });
  const file = join(folder, 'tenantry_operator/pod_template.py');
  const text = readFileSync(file, 'utf8');
  const told = text.replace('"HOST": tenant.spec.host,', '$& "RENDERED_BY": "another version",');
  if (told === text) throw new Error(`${file} does not tell services their host as it did`);
  writeFileSync(file, told);
  return folder;
}
