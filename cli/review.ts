import { appendFileSync } from 'node:fs';
import type { Command } from 'commander';
import { frozenIn } from '../lib/config/frozen-key';
import { loadConfiguration, platformPath } from '../lib/config/load';
import { reviewImages } from '../lib/images/review-images';
import { fileBefore } from './review/file-before';

export function addReview(program: Command): void {
  program
    .command('review')
    .description(
      'with which IMAGES to plan a change, so that the plan shows what its merge does: the outputs "images" and "note" of a step of GitHub Actions; changes nothing',
    )
    .argument('<before>', 'commit that the change is made to, such as HEAD^1 in the checkout of a pull request')
    .action((before: string) => {
      const { platform } = loadConfiguration();
      const frozenBefore = frozenIn(fileBefore(before, platformPath()) ?? '');
      const { images, note = '' } = reviewImages(platform.frozen, frozenBefore, platform.after?.file);
      const outputs = `images=${images}\nnote=${note}\n`;
      const { GITHUB_OUTPUT: output } = process.env;
      if (output) appendFileSync(output, outputs);
      process.stdout.write(outputs);
    });
}
