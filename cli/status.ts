import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { fleetRows } from '../lib/fleet/fleet-row';
import { listTenants } from '../lib/fleet/live-tenant';
import { short, table } from './table';

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('which commit runs where: every service of every tenant, as the cluster has it')
    .option('--json', 'for programs, with full commits and digests')
    .action(async ({ json }: { json?: boolean }) => {
      const { platform } = loadConfiguration();
      const rows = fleetRows(await listTenants(platform.cluster));
      if (json) console.log(JSON.stringify(rows, null, 2));
      else if (rows.length === 0)
        console.log('No tenant is in the cluster. Deploy with "npx cdktf deploy operator tenants".');
      else {
        const cells = rows.map(({ tenant, ring, service, release, commit, digest, ready }) => [
          tenant,
          ring,
          service,
          release,
          short(commit),
          short(digest),
          ready,
        ]);
        console.log(table(['TENANT', 'RING', 'SERVICE', 'RELEASE', 'COMMIT', 'DIGEST', 'READY'], cells));
      }
    });
}
