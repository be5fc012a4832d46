import { type Command, Option } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { divergences } from '../lib/fleet/divergence';
import { listTenants } from '../lib/fleet/live-tenant';
import { readLock } from '../lib/images/lock';
import { imageRequests } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('has every tenant the digests that the last synth gave it? Exit code 0: yes, 1: no, 2: could not tell')
    .option('--ring <name>', 'only the tenants of this ring')
    .addOption(
      new Option('--lock <file>', 'the images to expect').env('TENANTRY_LOCK').default('cdktf.out/images.lock.json'),
    )
    .action(async ({ ring, lock }: { ring?: string; lock: string }) => {
      const { platform, tenants } = loadConfiguration();
      const known = platform.rings.join(', ');
      if (ring !== undefined && !platform.rings.includes(ring))
        throw new Error(`there is no ring "${ring}"; known: ${known}`);
      const images = await resolveImages(imageRequests(platform, tenants), readLock(lock, platform), platform.registry);
      const asked = tenants.filter((tenant) => ring === undefined || tenant.ring === ring);

      const found = divergences(asked, images, await listTenants(platform.cluster));
      const scope = ring === undefined ? 'tenants' : `tenants of the ring ${ring}`;
      if (found.length === 0) {
        console.log(`All ${asked.length} ${scope} have the images of this run.`);
        return;
      }
      const lines = found.map(
        ({ tenant, service, message }) => `  ${[tenant, service].filter(Boolean).join(' ')} ${message}`,
      );
      console.error([`Not all ${scope} have the images of this run:`, ...lines].join('\n'));
      process.exitCode = 1;
    });
}
