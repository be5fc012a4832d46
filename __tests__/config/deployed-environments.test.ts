import { join } from 'node:path';
import { DeployedEnvironments } from '../../lib/config/deployed-environments';
import { loadConfiguration } from '../../lib/config/load';
import { inFolder } from './configuration-files';
import { type Called, CONVERGED, deploys, PRODUCTION, PRODUCTION_JOB, STAGING_JOB } from './two-environments';

describe('the jobs of deploy-tenants, held against the platform files', () => {
  test('are right where they are as the example has them', () => {
    inFolder({ ...PRODUCTION, ...deploys({ staging: STAGING_JOB, production: PRODUCTION_JOB }) }, (folder) => {
      const path = join(folder, 'platform.yaml');
      expect(DeployedEnvironments.read(folder)?.problemsOf(path, loadConfiguration(path).platform)).toEqual([]);
    });
  });

  test.each<[string, Readonly<Record<string, Called>>, readonly string[]]>([
    [
      'a GitHub environment that is another in the platform file',
      { staging: { ...STAGING_JOB, environment: 'stagign' }, production: PRODUCTION_JOB },
      ['the GitHub environment is "stagign" here and "staging" in staging.yaml: AWS would refuse the deployer'],
    ],
    [
      'a GitHub environment that is missing',
      { staging: { ...STAGING_JOB, environment: '""' }, production: PRODUCTION_JOB },
      ['the GitHub environment is none here and "staging" in staging.yaml: AWS would refuse the deployer'],
    ],
    [
      'an output that is misspelt',
      {
        staging: STAGING_JOB,
        production: { ...PRODUCTION_JOB, converged: CONVERGED.replace('converged', 'convergd') },
      },
      [`say "converged: ${CONVERGED}": it would never take a new image`],
    ],
    ...['convergedd', 'converged_x', "converged == 'true'"].map(
      (output): [string, Readonly<Record<string, Called>>, readonly string[]] => [
        `an output that only begins as it should: ${output}`,
        {
          staging: STAGING_JOB,
          production: { ...PRODUCTION_JOB, converged: CONVERGED.replace('converged', output) },
        },
        [`say "converged: ${CONVERGED}": it would never take a new image`],
      ],
    ),
    [
      'an output that is text',
      {
        staging: STAGING_JOB,
        production: { ...PRODUCTION_JOB, converged: 'needs.staging.outputs.converged' },
      },
      [`say "converged: ${CONVERGED}": it would never take a new image`],
    ],
    [
      'a job that is skipped where the one before is red',
      { staging: STAGING_JOB, production: { ...PRODUCTION_JOB, if: 'needs.staging.outputs.converged' } },
      ['without "!cancelled()" this is skipped where staging is red, and a freeze or a roll back would not reach it'],
    ],
    [
      'a job that is not told what to replay',
      { staging: { ...STAGING_JOB, replay: '""' }, production: PRODUCTION_JOB },
      [`say "replay: ${'$'}{{ inputs.replay }}": a run by hand that replays another would deploy something else here`],
    ],
    [
      'a job that does not wait',
      { staging: STAGING_JOB, production: { ...PRODUCTION_JOB, needs: 'refuse' } },
      ['add "needs: staging", since platform.yaml comes after staging.yaml: it would never take a new image'],
    ],
    [
      'an environment before it that nothing deploys',
      { production: { ...PRODUCTION_JOB, needs: 'refuse' } },
      ['platform.yaml comes after staging.yaml, and no job deploys that: it would never take a new image'],
    ],
    [
      'images from an environment that it does not come after',
      { staging: { ...STAGING_JOB, converged: 'x' }, production: PRODUCTION_JOB },
      ['staging.yaml has no "after": say there what it comes after, or take this out'],
    ],
    [
      'two jobs for one platform file',
      { staging: STAGING_JOB, production: PRODUCTION_JOB, again: PRODUCTION_JOB },
      ['the job production deploys platform.yaml too'],
    ],
  ])('finds %s', (_, jobs, expected) => {
    inFolder({ ...PRODUCTION, ...deploys(jobs) }, (folder) => {
      const deployed = DeployedEnvironments.read(folder);
      const found = ['staging.yaml', 'platform.yaml'].flatMap((file) => {
        const path = join(folder, file);
        return deployed?.problemsOf(path, loadConfiguration(path).platform) ?? [];
      });
      expect(found.map(({ message }) => message.replaceAll(`${folder}/`, ''))).toEqual(expected);
      for (const { file, line } of found) {
        expect(file).toMatch(/\.github\/workflows\/deploy-tenants\.yml$/);
        expect(line).toBeGreaterThan(1);
      }
    });
  });
});
