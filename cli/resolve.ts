import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { runningImages } from '../lib/fleet/running-images';
import { chooseSource } from '../lib/images/choose-source';
import { lockText } from '../lib/images/lock';
import { proveImages } from '../lib/images/provenance/prove-images';
import { imageRequests } from '../lib/images/request';
import { resolveImages } from '../lib/images/resolve';
import { imagesTable } from './images-table';
import { WrongOption } from './wrong-option';

interface ResolveOptions {
  readonly images?: string;
  readonly lock?: string;
  readonly json?: boolean;
}

export function addResolve(program: Command): void {
  program
    .command('resolve')
    .description('the images that a deploy would pin now; changes nothing')
    .option('--images <source>', 'ecr, live, or a lock; the environment variable IMAGES does the same (default: ecr)')
    .option('--lock <file>', 'also write the lock of these images to a file')
    .option('--json', 'the lock itself, for programs')
    .action(async ({ images: named = process.env.IMAGES, lock, json }: ResolveOptions) => {
      const { platform, tenants } = loadConfiguration();
      const { source, description, notices } = chooseSource(
        named,
        platform,
        () => runningImages(platform.cluster),
        process.env.CONVERGED,
      );
      const resolved = await resolveImages(imageRequests(platform, tenants), source, platform.registry);
      const images = await proveImages(resolved, platform);
      const text = lockText(platform, images);
      if (lock !== undefined) writeLock(lock, text);
      if (json) {
        if (platform.frozen !== undefined) console.error(`images: ${description}`);
        process.stdout.write(text);
        return;
      }
      console.log(`Images from ${description}:\n`);
      console.log(imagesTable(images));
      for (const line of notices?.() ?? []) console.log(line);
      if (lock !== undefined) console.log(`\nThe lock is in ${lock}. Replay it with IMAGES=${lock}.`);
    });
}

function writeLock(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new WrongOption('--lock', file, `cannot be written: ${(cause as Error).message}`, { cause });
  }
}
