import type { Command } from 'commander';
import { loadConfiguration, platformPath } from '../lib/config/load';
import { unfreeze } from '../lib/images/freeze';
import { shownPath } from '../lib/text/shown-path';

export function addUnfreeze(program: Command): void {
  program
    .command('unfreeze')
    .description(
      'end a freeze: takes the lock out of the platform file and removes it, for you to commit; deploys nothing',
    )
    .action(() => {
      const { platform } = loadConfiguration();
      const platformFile = shownPath(platformPath());
      const ended = unfreeze(platform, platformPath());
      if (!ended) {
        console.log(`${platformFile} is not frozen.`);
        return;
      }
      const lock = shownPath(ended.lock);
      console.log(`${platformFile} is frozen no more.`);
      if (ended.left !== undefined) console.log(`${lock} is left as it is: ${ended.left}.`);
      console.log(`
Nothing is deployed yet. Next:
  git add --all ${platformFile}${ended.left === undefined ? ` ${lock}` : ''} && git commit -m "End the freeze"
  a pull request; once it is merged, the next run deploys what ECR has then
  npx tenantry plan --run                    shows what that would be now`);
    });
}
