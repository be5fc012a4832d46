import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { bootstrapStateBucket } from '../lib/state-bucket/bootstrap';
import { table } from './table';

export function addBootstrap(program: Command): void {
  program
    .command('bootstrap')
    .description("make the bucket for Terraform's state: versioned, encrypted, closed to the public; safe to run again")
    .action(async () => {
      const { platform } = loadConfiguration();
      const steps = await bootstrapStateBucket(platform);
      console.log(
        table(
          ['STATE BUCKET', ''],
          steps.map(({ what, outcome }) => [what, outcome]),
        ),
      );
    });
}
