import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { strays } from '../lib/fleet/divergence';
import { listTenants } from '../lib/fleet/live-tenant';
import { divergenceLines } from './divergence-lines';

export function addGuard(program: Command): void {
  program
    .command('guard')
    .description('would a deploy lose a tenant? What every deploy asks before it changes one. Exit code 0: no, 1: yes')
    .action(async () => {
      const { platform, tenants } = loadConfiguration();
      const found = strays(tenants, await listTenants(platform.cluster));
      if (found.length === 0) {
        console.log('Every tenant that is live has its file.');
        return;
      }
      console.error(['Nothing is deployed, since tenants would be lost:', ...divergenceLines(found)].join('\n'));
      process.exitCode = 1;
    });
}
