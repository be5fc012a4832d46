import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadConfiguration, platformPath } from '../lib/config/load';
import { runningImages } from '../lib/fleet/running-images';
import { chooseSource } from '../lib/images/choose-source';
import { EcrSource } from '../lib/images/ecr';
import { describeForeign, foreignImages } from '../lib/images/foreign-images';
import { freeze } from '../lib/images/freeze';
import { describeImageChange, imageChanges } from '../lib/images/image-changes';
import type { RunningImage } from '../lib/images/live';
import { pinCommits } from '../lib/images/pin';
import { proveImages } from '../lib/images/provenance/prove-images';
import { imageRequests } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';
import { plainText } from '../lib/text/harmless';
import { shownPath } from '../lib/text/shown-path';
import { pinsOf } from './freeze/pins';
import { imagesTable } from './images-table';
import { WrongOption } from './wrong-option';

interface FreezeOptions {
  readonly images?: string;
  readonly lock?: string;
  readonly pin: readonly string[];
  readonly tenant: readonly string[];
  readonly replace?: boolean;
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addFreeze(program: Command): void {
  program
    .command('freeze')
    .description(
      'freeze the platform to its images: writes their lock beside the platform file and names it there, for you to commit; deploys nothing',
    )
    .option('--images <source>', 'which images: live, ecr, or a lock (default: live; with --pin, the freeze there is)')
    .addOption(
      new Option('--pin <service=commit>', 'roll one service back, or on, to a commit that ECR has; may be repeated')
        .argParser(several)
        .default([], 'none'),
    )
    .addOption(
      new Option('--tenant <name>', 'pin it for this tenant alone; may be repeated')
        .argParser(several)
        .default([], 'every tenant'),
    )
    .option(
      '--lock <file>',
      'the lock to write (default: frozen.lock.json beside the platform file; beside staging.yaml, staging.frozen.lock.json)',
    )
    .option('--replace', 'overwrite a lock that has other images')
    .action(async ({ images: named, lock, pin, tenant, replace = false }: FreezeOptions) => {
      const { platform, tenants } = loadConfiguration();
      const platformFile = platformPath();
      checkLock(lock);
      const pins = pinsOf(pin, tenant, { platform, tenants });
      const keepsFreeze = pins.length > 0 && named === undefined && platform.frozen !== undefined;
      const { frozen: _, ...thawed } = platform;
      let running: readonly RunningImage[] = [];
      const ask = async () => {
        running = await runningImages(platform.cluster);
        return running;
      };
      const { source, description } = keepsFreeze
        ? { ...chooseSource(undefined, platform, neverAsked), description: 'the freeze that there was' }
        : chooseSource(named ?? 'live', thawed, ask);
      const requests = imageRequests(platform, tenants);
      const base = await resolveImages(requests, source, platform.registry);
      const images = await proveImages(await pinCommits(base, pins, new EcrSource(platform.registry)), platform);
      const foreign = foreignImages(running, requests, platform.registry).map((one) =>
        plainText(describeForeign(one), 600),
      );
      const pinned = imageChanges(base.images, images.images);
      const outcome = freeze({
        platform,
        platformFile,
        images,
        replace: replace || keepsFreeze,
        ...(lock !== undefined && { lock }),
      });

      if (foreign.length > 0) {
        const lines = foreign.map((line) => `  ${line}`).join('\n');
        console.error(
          `Not frozen, for these are no images of the platform's services in its registry. The next run puts the lock's in their place:\n${lines}\n`,
        );
      }
      const [file, lockFile] = [shownPath(platformFile), shownPath(outcome.lock)];
      if (!outcome.changed) {
        console.log(`${file} is frozen to exactly these images already, by ${lockFile}.`);
        return;
      }
      console.log(`${file} is frozen to ${lockFile}. Images from ${description}:\n`);
      console.log(imagesTable(images));
      if (pins.length > 0) {
        const lines = pinned.map((change) => `  ${describeImageChange(change)}`);
        console.log(`\nPinned:\n${lines.join('\n') || '  nothing: all of it runs these commits already'}`);
      }
      console.log(`
Nothing is deployed yet, and others do not see it yet. Next:
  git add ${file} ${lockFile} && git commit -m "Freeze the platform${pin.length > 0 ? `, with ${pin.join(' ')}` : ''}"
  a pull request, which shows what it changes; once it is merged, every run deploys exactly these images and says so
  npx tenantry unfreeze                      ends it`);
    });
}

const neverAsked = () => Promise.reject(new Error('a lock asks no cluster'));

/** The next synth empties its output folder. */
function checkLock(lock: string | undefined): void {
  if (lock === undefined) return;
  const output = resolve(process.env.CDKTF_OUTDIR || 'cdktf.out');
  if (!relative(output, resolve(lock)).startsWith('..')) {
    throw new WrongOption('--lock', lock, 'the next synth would remove it there. Choose a place in the repository');
  }
}
