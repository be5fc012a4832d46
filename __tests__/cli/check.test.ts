import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Files, GOOD_PLATFORM, inFolder } from '../config/configuration-files';
import { deploys, PRODUCTION, PRODUCTION_JOB, STAGING_JOB } from '../config/two-environments';
import { ROOT } from '../workflows/workflow-files';

const TENANTRY = join(ROOT, 'cli/tenantry.js');

function checkIn(folder: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { PLATFORM: _, ...own } = process.env;
  const options = { cwd: folder, encoding: 'utf8', env: { ...own, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [TENANTRY, 'check', ...args], options);
  return { status, stdout, stderr };
}

const check = (files: Files, args: readonly string[] = []) => inFolder(files, (folder) => checkIn(folder, args));

describe('tenantry check', () => {
  test('finds nothing wrong in good files', () => {
    expect(check({})).toEqual({ status: 0, stdout: 'platform.yaml: 1 tenant, nothing wrong\n', stderr: '' });
  });

  test('finds nothing wrong in the example with two environments, and looks at both', () => {
    const { status, stdout } = checkIn(join(ROOT, 'examples/environments'));
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'staging.yaml: 1 tenant, nothing wrong\nproduction.yaml: 2 tenants, nothing wrong\n',
    });
  });

  test('names every problem of every environment at once', () => {
    const { status, stderr } = check({
      ...PRODUCTION,
      ...deploys({ staging: STAGING_JOB, production: PRODUCTION_JOB }),
      'tenants/staging/try.yaml': 'hots: try.example.com\n',
      'tenants/production/globex.yaml': 'host: no host\nreplicas: many\n',
    });
    expect(status).toBe(1);
    for (const name of ['try.yaml:1:1', 'production/globex.yaml:1:7', 'production/globex.yaml:2:']) {
      expect(stderr).toContain(name);
    }
  });

  test('asks nobody, neither AWS nor a cluster', () => {
    inFolder({}, (folder) => {
      const nobody = { HTTPS_PROXY: 'http://127.0.0.1:1', AWS_PROFILE: 'nobody', KUBECONFIG: '/nowhere' };
      expect(checkIn(folder, [], nobody).status).toBe(0);
    });
  });

  test('finds a lock of a freeze that is not there, or is no lock', () => {
    const frozen = { 'platform.yaml': `${GOOD_PLATFORM}frozen: frozen.lock.json\n` };
    expect(check(frozen).stderr).toContain('frozen.lock.json is refused: there is no such file');
    const { status, stderr } = check({ ...frozen, 'frozen.lock.json': '{}' });
    expect(status).toBe(1);
    expect(stderr).toContain('it is no lock of images');
  });

  test('says what to write where the platform file is not written out', () => {
    const { status, stderr } = check(deploys({ deploy: { platform: '$' + '{{ matrix.platform }}' } }));
    expect(status).toBe(2);
    expect(stderr).toContain(
      'deploy-tenants.yml:8:17: write out the name of a platform file in the root, without a path',
    );
  });

  test.each(['env/staging.yaml', './staging.yaml'])('takes no path for a name: %s', (platform) => {
    expect(check(deploys({ deploy: { platform } })).stderr).toContain('in the root, without a path');
  });

  test('finds a host that two environments have', () => {
    const { status, stderr } = check({
      ...PRODUCTION,
      ...deploys({ staging: STAGING_JOB, production: PRODUCTION_JOB }),
      'tenants/staging/try.yaml': 'host: globex.example.com\n',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('the host globex.example.com of globex is that of try in staging.yaml too');
  });

  test('says so where deploy-tenants deploys nothing', () => {
    expect(check(deploys({})).stderr).toContain('no job calls ./.github/workflows/deploy-environment.yml');
  });

  test('looks at the files that it is given, and at no others', () => {
    const { status, stdout } = check(
      { ...PRODUCTION, ...deploys({ staging: STAGING_JOB, production: PRODUCTION_JOB }) },
      ['staging.yaml'],
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'staging.yaml: 1 tenant, nothing wrong\n' });
  });
});
