import { spawnSync } from 'node:child_process';
import { doctorReport } from '../../cli/doctor/report';
import type { Examined } from '../../lib/doctor/step';
import { ROOT } from '../workflows/workflow-files';

const step = (changes: Partial<Examined>): Examined => ({
  system: 'AWS',
  step: 'Planner',
  outcome: 'done',
  because: [],
  how: 'npx cdktf deploy registry',
  ...changes,
});

describe('what tenantry doctor prints', () => {
  test('says of each step whether it is done, what it lacks, and what does it', () => {
    const silent = { outcome: 'not known', because: ['GitHub did not say: it is down'] } as const;
    expect(
      doctorReport([
        step({ step: 'State bucket' }),
        step({ outcome: 'not done', because: ['there is no role acme-planner'] }),
        step({ system: 'GitHub', step: 'App', ...silent }),
        step({ system: 'GitHub', step: 'Workflows', ...silent }),
        step({ system: 'GitHub', step: 'Environment', outcome: 'not needed', because: ['none is named'] }),
      ]),
    ).toBe(`AWS
  done        State bucket
  NOT DONE    Planner
                there is no role acme-planner
                → npx cdktf deploy registry

GitHub
  not known   App
                GitHub did not say: it is down
  not known   Workflows: as App
  not needed  Environment: none is named

Of 4 steps: 1 done, 1 not done, 2 not known. docs/set-up.md has each of them by its name.`);
  });

  test('says that all is done', () => {
    expect(doctorReport([step({}), step({ step: 'Deployer' })])).toMatch(/\n\nAll 2 steps of the set-up are done\.$/);
  });

  test('shows nothing of what others said that a terminal or a runner would act on', () => {
    const because = ['\u001b[31m::error::evil\n##[error]evil\u202e'];
    const text = doctorReport([step({ outcome: 'not done', because })]);
    for (const harmful of ['\u001b', '\u202e', '::error', '##[']) expect(text).not.toContain(harmful);
    expect(text.split('\n')).toHaveLength(6);
  });
});

test('where nobody answers, every step is not known, and the exit code is 2', () => {
  const nowhere = 'http://127.0.0.1:9';
  const env = {
    PATH: process.env.PATH,
    HOME: '/nowhere',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    GITHUB_API_URL: nowhere,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/tenantry.js', 'doctor', '--json'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  const { steps } = JSON.parse(stdout) as { readonly steps: readonly Examined[] };
  expect(new Set(steps.map(({ outcome }) => outcome))).toEqual(new Set(['not known', 'not needed']));
});
