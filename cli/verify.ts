import { type Command, Option } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { divergences, strays } from '../lib/fleet/divergence';
import { listTenants } from '../lib/fleet/live-tenant';
import { readLock } from '../lib/images/lock';
import { imageRequests } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';
import { divergenceLines } from './divergence-lines';
import { WrongOption } from './wrong-option';

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
      if (ring !== undefined && !platform.rings.includes(ring)) {
        throw new WrongOption('--ring', ring, `there is no such ring; known: ${platform.rings.join(', ')}`);
      }
      const images = await resolveImages(imageRequests(platform, tenants), readLock(lock, platform), platform.registry);
      const asked = tenants.filter((tenant) => ring === undefined || tenant.ring === ring);

      const live = await listTenants(platform.cluster);
      const found = [...divergences(asked, images, live), ...(ring === undefined ? strays(tenants, live) : [])];
      const scope = ring === undefined ? 'tenants' : `tenants of the ring ${ring}`;
      if (found.length === 0) {
        console.log(`All ${asked.length} ${scope} have the images of this run.`);
        return;
      }
      console.error([`Not all ${scope} are as this run left them:`, ...divergenceLines(found)].join('\n'));
      process.exitCode = 1;
    });
}
