import type { Command } from 'commander';
import { loadCluster } from '../lib/config/load';
import { readLeftOver, withoutTenants } from '../lib/fleet/left-over';
import { listTenants } from '../lib/fleet/read-tenants';
import { printableJson } from '../lib/text/harmless';
import { leftOverText } from './left-over/left-over-text';

export function addLeftOver(program: Command): void {
  program
    .command('left-over')
    .description('what tenants that are gone have left on the database servers, and how to drop it; changes nothing')
    .option('--json', 'for programs')
    .addHelpText('after', NOTES)
    .action(async ({ json = false }: { json?: boolean }) => {
      const cluster = loadCluster();
      const seen = await readLeftOver(cluster);
      // After the list, which may be an hour old: who came back meanwhile is not gone.
      const live = new Set((await listTenants(cluster)).map(({ metadata }) => metadata.name));
      const servers = seen && withoutTenants(seen, live);
      console.log(json ? printableJson(servers ?? [], 2) : leftOverText(servers, new Date()));
    });
}

const NOTES = `
It is what a tenant with database.deletionPolicy: Retain leaves when it is deleted: a role and a database. The operator looks once an hour, and
publishes it in the ConfigMap tenantry-left-over in tenantry-system. It drops nothing of it, and neither does this command.

Exit code 0, whatever is found. 2: the cluster could not be asked.`;
