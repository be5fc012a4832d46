import type { Command } from 'commander';
import { imageServiceOf } from '../lib/config/image-service';
import { type Configuration, loadCluster, loadConfiguration } from '../lib/config/load';
import { ConfigurationError } from '../lib/config/problem';
import { count } from '../lib/fleet/notice';
import { listTenants } from '../lib/fleet/read-tenants';
import { whyOf } from '../lib/fleet/why';
import { printableJson } from '../lib/text/harmless';
import { refuseUnknown } from './status/known-names';
import { whyText } from './why/why-text';

export function addWhy(program: Command): void {
  program
    .command('why')
    .argument('<tenant>')
    .description('why a tenant is not ready: what was seen of it, the last lines, what to type next; changes nothing')
    .option('--json', 'for programs, with full commits')
    .addHelpText('after', NOTES)
    .action(async (name: string, { json = false }: { json?: boolean }) => {
      const files = readFiles();
      const live = await listTenants(loadCluster());
      const known = files instanceof ConfigurationError ? [] : files.tenants.map((tenant) => tenant.name);
      refuseUnknown('why', [name], 'tenant', [...new Set([...live.map(({ metadata }) => metadata.name), ...known])]);
      const found = live.find(({ metadata }) => metadata.name === name);
      const services = files instanceof ConfigurationError ? [] : files.platform.services;
      const why = found && whyOf(found, (service) => imageServiceOf(service, services));
      if (json) console.log(printableJson(why ?? { tenant: name, missing: true }, 2));
      else console.log(why ? whyText(why, new Date()) : missing(name));
      if (files instanceof ConfigurationError) console.error(`\n${unusable(files)}`);
      if (why?.ready !== 'True') process.exitCode = 1;
    });
}

/** The files, or what is wrong with them: what is live is shown all the same. */
function readFiles(): Configuration | ConfigurationError {
  try {
    return loadConfiguration();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}

function missing(tenant: string): string {
  return `${tenant} has a file, and is not in the cluster: the next run makes it.\nnext: npx tenantry plan --run --tenant ${tenant}`;
}

function unusable({ problems }: ConfigurationError): string {
  return `Beside it: the files have ${count(problems.length, 'problem')}, and nothing is deployed before they are corrected: npx tenantry check`;
}

const NOTES = `
It reads Tenants and nothing else: a person on call needs no right to pods, events or logs. The lines are the last that a container wrote
before it ended, at most ten of a service, as the operator found them. Secrets that it knows are hidden.

Exit code 0: ready. 1: not ready, or not in the cluster. 2: the cluster could not be asked.`;
