import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS } from '../../lib/doctor/aws';
import { CLUSTER } from '../../lib/doctor/cluster';
import { GITHUB } from '../../lib/doctor/github';
import { ROOT } from '../workflows/workflow-files';

test('the steps in docs/set-up.md are those that doctor asks for', () => {
  const text = readFileSync(join(ROOT, 'docs/set-up.md'), 'utf8');
  const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading);
  const names = [...AWS, ...GITHUB, ...CLUSTER].map(({ name }) => name);
  expect([...headings].sort()).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
});
