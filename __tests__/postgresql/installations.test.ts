import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Progress } from '../../local/processes/progress';

const before = { ...process.env };
let cache: string;
beforeEach(() => {
  jest.resetModules();
  cache = mkdtempSync(join(tmpdir(), 'tenantry-cache-'));
  // As on a kind of machine that the package is not built for.
  Object.assign(process.env, { XDG_CACHE_HOME: cache, PIP_NO_INDEX: '1' });
});
afterEach(() => {
  process.env = { ...before };
  rmSync(cache, { recursive: true, force: true });
});

async function obtained(): Promise<string> {
  const said: string[] = [];
  const { obtainInstallations } = jest.requireActual<typeof import('./installations')>('./installations');
  await obtainInstallations(new Progress({ write: (text) => said.push(text) }));
  return said.join('');
}

test('a machine for which there are none is told once which tests are skipped, and why', async () => {
  delete process.env.CI;
  const [line, ...more] = (await obtained()).split('\n').filter((one) => one.includes('skipped'));
  expect(line).toMatch(/^tests that need pg_dump, or PostgreSQL 16, are skipped: .*No matching distribution found/);
  expect(more).toEqual([]);
});

test('CI does not pass without them', async () => {
  process.env.CI = 'true';
  await expect(obtained()).rejects.toThrow('No matching distribution found');
});
