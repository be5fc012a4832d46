import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfiguration } from '../../lib/config/load';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { changed, type Files, GOOD_PLATFORM, GOOD_TENANT, inFolder } from '../config/configuration-files';
import { planText } from '../plan/plan-file';
import { imagesFor } from '../stacks/pinned-platform';

const TENANTRY = join(__dirname, '../../cli/tenantry.js');

const CLIENT = 'web-client: { github: acme/web-client, port: 3000';
const RING = 'ring: canary\n';
const before: Files = {
  'platform.yaml': changed(GOOD_PLATFORM, CLIENT, `${CLIENT}, stopSeconds: 40, env: { LOG_LEVEL: info }`),
  'tenants/globex.yaml': GOOD_TENANT + RING,
  'tenants/hooli.yaml': `host: hooli.example.com\n${RING}`,
};
const after: Files = {
  'platform.yaml': `${changed(GOOD_PLATFORM, CLIENT, `${CLIENT}, startupSeconds: 300, env: { LOG_LEVEL: info }`)}plans:\n  large: { services: { web-client: { replicas: 4 } } }\n`,
  'tenants/globex.yaml': `${GOOD_TENANT}${RING}plan: large\nservices: { web-client: { release: releases/9, env: { LOG_LEVEL: debug } } }\n`,
  'tenants/hooli.yaml': `host: hooli.example.com\n${RING}`,
};

function manifests(files: Files) {
  const { tenants } = inFolder(files, (folder) => loadConfiguration(join(folder, 'platform.yaml')));
  return new Map(tenants.map((one) => [one.name, tenantManifest(one, imagesFor([one]))]));
}

/** What the command says of a plan from the files before to those after, where the latter are. */
function plan(...args: readonly string[]) {
  const [applied, wanted] = [manifests(before), manifests(after)];
  const planned = Object.fromEntries(
    [...wanted].map(([name, manifest]) => [name, { applied: applied.get(name) ?? manifest, wanted: manifest }]),
  );
  return inFolder(after, (folder) => {
    writeFileSync(join(folder, 'plan.json'), planText(planned));
    return spawnSync(process.execPath, [TENANTRY, 'plan', 'plan.json', ...args], { cwd: folder, encoding: 'utf8' });
  });
}

test('plan --why says beside each setting which line of which file it comes from', () => {
  const { stdout, stderr, status } = plan('--why');
  expect(stderr).toBe('');
  expect(stdout).toContain(`
Settings
  web-client env.LOG_LEVEL info → debug in globex (tenants/globex.yaml:4:66)
  web-client replicas 1 → 4 in globex (platform.yaml:16:48 (plan large))
  web-client startupSeconds 120 → 300 in all 2 tenants (platform.yaml:8:70)
  web-client stopSeconds 40 → 25 in all 2 tenants (default)
`);
  expect(stdout).toMatch(/web-client .* \(releases\/0\.0\.2 → releases\/9\) in globex \(tenants\/globex\.yaml:4:36\)/);
  expect(status).toBe(0);
});

test('plan --json --why says it in parts', () => {
  const { changes } = JSON.parse(plan('--json', '--why', '--tenant', 'globex').stdout);
  expect(changes).toMatchObject([
    {
      tenant: 'globex',
      changes: expect.arrayContaining([
        expect.objectContaining({
          field: 'replicas',
          why: { file: 'platform.yaml', line: 16, column: 48, plan: 'large' },
        }),
      ]),
    },
  ]);
});

test('plan says nothing of where its settings come from unless it is asked', () => {
  expect(plan().stdout).not.toMatch(/\.yaml/);
});

test('plan --tenant is of these tenants alone', () => {
  const { stdout } = plan('--tenant', 'hooli');
  expect(stdout).toMatch(/^1 of 1 tenants would change\./);
  expect(stdout).toContain('web-client startupSeconds 120 → 300 in hooli\n');
  expect(stdout).not.toContain('globex');
});

test('plan --tenant refuses a name that nobody knows', () => {
  const { stderr, status } = plan('--tenant', 'holi');
  expect(stderr).toContain('--tenant holi: there is no such tenant; did you mean "hooli"?');
  expect(status).toBe(2);
});
