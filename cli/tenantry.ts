import { setUpLint } from '@tenantry/workflow-lint/cli/lint';
import { Command, CommanderError } from 'commander';
import { recordFailure } from '../lib/run-report/failure-record';
import { explain } from '../lib/text/explained-error';
import { addBootstrap } from './bootstrap';
import { addCheck } from './check';
import { addDeploy } from './deploy';
import { addDoctor } from './doctor';
import { addFreeze } from './freeze';
import { addLeftOver } from './left-over';
import { addPlan } from './plan';
import { addReport } from './report';
import { addResolve } from './resolve';
import { addReview } from './review';
import { addStatus } from './status';
import { addUnfreeze } from './unfreeze';
import { addUnlock } from './unlock';
import { addVerify } from './verify';
import { addWhy } from './why';

const program = new Command('tenantry')
  .description('Which commit runs where, what would be deployed, and did it arrive.')
  .option(
    '--platform <file>',
    'platform file; the environment variable PLATFORM does the same (default: platform.yaml)',
  )
  .hook('preAction', (command) => {
    const { platform } = command.opts<{ platform?: string }>();
    if (platform !== undefined) process.env.PLATFORM = platform;
  })
  .showHelpAfterError('Type "npx tenantry --help" for what there is.')
  .addHelpText(
    'after',
    `
Examples:
  npx tenantry status                        which commit runs where, and what is behind or edited by hand
  npx tenantry status --commit 8227b3d       where does this commit run?
  npx tenantry status --tenant globex --why  where does each of its settings come from?
  npx tenantry why globex                    why is it not ready, and what is to be done?
  npx tenantry left-over                     which databases of deleted tenants are there still?
  npx tenantry status --html fleet.html      the fleet as a page
  npx tenantry resolve                       the images that a deploy would pin now
  npx tenantry resolve --lock frozen.json    ... and a lock of them, to replay with IMAGES=frozen.json
  npx tenantry check                         are the files right? Asks nobody
  npx tenantry plan --run                    what would the next run change?
  npx tenantry review HEAD^1                 with which images is a change to be planned?
  npx tenantry deploy                        deploy: one plan, shown by tenant and then applied
  npx tenantry freeze                        keep every run on what runs now, by a change to review
  npx tenantry freeze --pin web-client=8227b3d   ... but for one service, which is rolled back to a commit
  npx tenantry unfreeze                      and the end of that
  npx tenantry verify                        have all tenants converged?
  npx tenantry verify --ring canary          have those of a ring?
  npx tenantry lint                          the mistakes in GitHub workflows that stay silent
  npx tenantry bootstrap                     the bucket for Terraform's state; once, and safe to run again
  npx tenantry doctor                        is each step of the set-up done, and how is it done?
  npx tenantry unlock                        who holds Terraform's state, and since when?`,
  );

addStatus(program);
addWhy(program);
addLeftOver(program);
addResolve(program);
addVerify(program);
addCheck(program);
addPlan(program);
addDeploy(program);
addFreeze(program);
addUnfreeze(program);
addBootstrap(program);
addDoctor(program);
addReview(program);
addReport(program);
setUpLint(program.command('lint'));
addUnlock(program);

// A reader that has seen enough, such as head, closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// An exit code of 1 is an answer: that something is not as it should be. What can't even be asked ends with 2.
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride();
}
program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  recordFailure(error);
  console.error(explain(error));
  process.exitCode = 2;
});
