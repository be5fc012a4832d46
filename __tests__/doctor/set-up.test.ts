import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS, type Aws } from '../../lib/doctor/aws';
import { CLUSTER, type ClusterSystem } from '../../lib/doctor/cluster';
import { GITHUB } from '../../lib/doctor/github';
import { ROOT } from '../workflows/workflow-files';

test('the steps in docs/set-up.md are those that doctor asks for', () => {
  const text = readFileSync(join(ROOT, 'docs/set-up.md'), 'utf8');
  const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading);
  const names = [...AWS, ...GITHUB, ...CLUSTER].map(({ name }) => name);
  expect([...headings].sort()).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
});

test('the command that does a step is that of the platform file that was asked about', () => {
  const commands = () =>
    [
      ...AWS.map(({ how }) => how({ configuration: { platform: {} } } as Aws)),
      ...CLUSTER.map(({ how }) => how({} as ClusterSystem)),
    ]
      .filter((how) => how.includes('npx '))
      .map((how) => how.replace(/^as an? .*?: /, ''));
  const { PLATFORM } = process.env;
  try {
    delete process.env.PLATFORM;
    const alone = commands();
    expect(alone).toContain('npx cdktf deploy operator');
    process.env.PLATFORM = 'staging.yaml';
    expect(commands()).toEqual(alone.map((command) => `PLATFORM=staging.yaml ${command}`));
  } finally {
    if (PLATFORM === undefined) delete process.env.PLATFORM;
    else process.env.PLATFORM = PLATFORM;
  }
});
