import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Configuration, loadConfiguration, platformPath } from '../lib/config/load';
import { shownPath } from '../lib/config/problem';
import { suggestion } from '../lib/config/suggestion';
import { runningImages } from '../lib/fleet/running-images';
import { chooseSource } from '../lib/images/choose-source';
import { EcrSource } from '../lib/images/ecr';
import { freeze } from '../lib/images/freeze';
import { describeImageChange, imageChanges } from '../lib/images/image-changes';
import { type Pin, pinCommits } from '../lib/images/pin';
import { imageRequests, OPERATOR } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';
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
    .option('--lock <file>', 'the lock to write (default: frozen.lock.json beside the platform file)')
    .option('--replace', 'overwrite a lock that has other images')
    .action(async ({ images: named, lock, pin, tenant, replace = false }: FreezeOptions) => {
      const configuration = loadConfiguration();
      const { platform, tenants } = configuration;
      const platformFile = platformPath();
      checkLock(lock);
      const pins = pinsOf(pin, tenant, configuration);
      const keepsFreeze = pins.length > 0 && named === undefined && platform.frozen !== undefined;
      const { frozen: _, ...thawed } = platform;
      const { source, description } = keepsFreeze
        ? { ...chooseSource(undefined, platform, neverAsked), description: 'the freeze that there was' }
        : chooseSource(named ?? 'live', thawed, () => runningImages(platform.cluster));
      const base = await resolveImages(imageRequests(platform, tenants), source, platform.registry);
      const images = await pinCommits(base, pins, new EcrSource(platform.registry));
      const pinned = imageChanges(base.images, images.images);
      const outcome = freeze({
        platform,
        platformFile,
        images,
        replace: replace || keepsFreeze,
        ...(lock !== undefined && { lock }),
      });

      const files = `${shownPath(platformFile)} ${shownPath(outcome.lock)}`;
      if (!outcome.changed) {
        console.log(
          `${shownPath(platformFile)} is frozen to exactly these images already, by ${shownPath(outcome.lock)}.`,
        );
        return;
      }
      console.log(`${shownPath(platformFile)} is frozen to ${shownPath(outcome.lock)}. Images from ${description}:\n`);
      console.log(imagesTable(images));
      if (pins.length > 0) {
        const lines = pinned.map((change) => `  ${describeImageChange(change)}`);
        console.log(`\nPinned:\n${lines.join('\n') || '  nothing: all of it runs these commits already'}`);
      }
      console.log(`
Nothing is deployed yet, and others do not see it yet. Next:
  git add ${files} && git commit -m "Freeze the platform"
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

function pinsOf(given: readonly string[], only: readonly string[], { platform, tenants }: Configuration): Pin[] {
  const services = [...platform.services.map(({ name }) => name), OPERATOR];
  const names = tenants.map(({ name }) => name);
  const stranger = only.find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw new WrongOption('--tenant', stranger, `there is no such tenant${suggestion(stranger, names)}`);
  }
  if (only.length > 0 && given.length === 0) {
    throw new WrongOption('--tenant', only.join(' '), 'narrows down --pin, which is missing');
  }
  return given.map((text) => {
    const [service = '', commit = '', ...rest] = text.split('=');
    if (commit === '' || rest.length > 0) {
      throw new WrongOption('--pin', text, 'is not of the form <service>=<commit>, such as web-client=8227b3d');
    }
    if (!services.includes(service)) {
      throw new WrongOption('--pin', text, `there is no service "${service}"${suggestion(service, services)}`);
    }
    if (service === OPERATOR && only.length > 0) {
      throw new WrongOption('--tenant', only.join(' '), "the operator is everybody's: leave --tenant out");
    }
    return {
      service,
      commit: commit.toLowerCase(),
      tenants: service === OPERATOR ? [] : only.length > 0 ? only : names,
    };
  });
}
