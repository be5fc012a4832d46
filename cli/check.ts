import type { Command } from 'commander';
import { DeployedEnvironments } from '../lib/config/deployed-environments';
import { type Configuration, loadConfiguration, platformPath } from '../lib/config/load';
import { ConfigurationError, type Problem } from '../lib/config/problem';
import { readLock } from '../lib/images/lock';
import { imageRequests } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';
import { ExplainedError, explain } from '../lib/text/explained-error';
import { shownPath } from '../lib/text/shown-path';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description(
      'are the files right? Platform files, tenants, the lock of a freeze, and what deploy-tenants.yml says of each environment. Asks nobody, changes nothing. Exit code 0: yes, 1: no',
    )
    .argument('[platform file...]', 'default: those that deploy-tenants.yml deploys, or the one that PLATFORM names')
    .action(async (files: readonly string[]) => {
      const deployed = DeployedEnvironments.read('.');
      const hosts = new Map<string, string>();
      const named = files.length > 0 ? files : process.env.PLATFORM ? [platformPath()] : undefined;
      for (const file of named ?? deployed?.all.map(({ platform }) => platform) ?? [platformPath()]) {
        try {
          console.log(await checked(file, deployed, hosts));
        } catch (error) {
          if (!(error instanceof ExplainedError)) throw error;
          console.error(`${shownPath(file)}: ${explain(error)}`);
          process.exitCode = 1;
        }
      }
    });
}

async function checked(
  file: string,
  deployed: DeployedEnvironments | undefined,
  hosts: Map<string, string>,
): Promise<string> {
  const configuration = loadConfiguration(file);
  const problems = [
    ...(deployed?.problemsOf(file, configuration.platform) ?? []),
    ...sharedHosts(file, configuration, hosts),
  ];
  if (problems.length > 0) throw new ConfigurationError(problems);
  await refuseLock(configuration);
  const { tenants } = configuration;
  return `${shownPath(file)}: ${tenants.length} ${tenants.length === 1 ? 'tenant' : 'tenants'}, nothing wrong`;
}

/** A host leads to one cluster alone. */
function sharedHosts(file: string, { tenants }: Configuration, before: Map<string, string>): Problem[] {
  return tenants.flatMap(({ name, host, hosts }) =>
    [host, ...hosts].flatMap((one) => {
      const other = before.get(one);
      before.set(one, other ?? `${name} in ${shownPath(file)}`);
      return other ? [{ file: shownPath(file), message: `the host ${one} of ${name} is that of ${other} too` }] : [];
    }),
  );
}

/** A lock that does not go with the files would fail the run; ECR and the cluster are asked there. */
async function refuseLock({ platform, tenants }: Configuration): Promise<void> {
  if (platform.frozen === undefined) return;
  await resolveImages(imageRequests(platform, tenants), readLock(platform.frozen, platform), platform.registry);
}
