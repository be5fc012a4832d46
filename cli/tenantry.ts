import { Command, CommanderError } from 'commander';
import { recordFailure } from '../lib/run-report/failure-record';
import { explain } from '../lib/text/explained-error';

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

/** Each command is loaded when it is asked for: all of them together take a second. */
const COMMANDS: Readonly<Record<string, () => (program: Command) => void>> = {
  status: () => (require('./status') as typeof import('./status')).addStatus,
  why: () => (require('./why') as typeof import('./why')).addWhy,
  'left-over': () => (require('./left-over') as typeof import('./left-over')).addLeftOver,
  resolve: () => (require('./resolve') as typeof import('./resolve')).addResolve,
  verify: () => (require('./verify') as typeof import('./verify')).addVerify,
  check: () => (require('./check') as typeof import('./check')).addCheck,
  plan: () => (require('./plan') as typeof import('./plan')).addPlan,
  deploy: () => (require('./deploy') as typeof import('./deploy')).addDeploy,
  freeze: () => (require('./freeze') as typeof import('./freeze')).addFreeze,
  unfreeze: () => (require('./unfreeze') as typeof import('./unfreeze')).addUnfreeze,
  bootstrap: () => (require('./bootstrap') as typeof import('./bootstrap')).addBootstrap,
  doctor: () => (require('./doctor') as typeof import('./doctor')).addDoctor,
  review: () => (require('./review') as typeof import('./review')).addReview,
  report: () => (require('./report') as typeof import('./report')).addReport,
  lint: () => {
    const { setUpLint } =
      require('@tenantry/workflow-lint/cli/lint') as typeof import('@tenantry/workflow-lint/cli/lint');
    return (all: Command) => setUpLint(all.command('lint'));
  },
  unlock: () => (require('./unlock') as typeof import('./unlock')).addUnlock,
};

const [first = '', , third = ''] = process.argv.slice(2);
const asked = first === '--platform' ? third : first;
const needed = Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
for (const name of needed) COMMANDS[name]?.()(program);

// A reader that has seen enough, such as head, closes the pipe; that is no error. A deploy goes on to its end all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (asked === 'deploy') return;
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
