import { resolve } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { explain } from '../lib/text/explained-error';
import { printableJson } from '../lib/text/harmless';
import { bringUp, DIRECTORY, runningPlatform, runningRecord } from './checkout';
import { describePlatform, describeStatus } from './description';
import { platformEnvironment, shellLines } from './environment';
import { IDENTITY_NAMES, type Identity } from './parts/identity';
import { down, status } from './platform/platform';
import { restartPart } from './platform/restart-part';
import { exit } from './processes/exit';
import { Interrupted } from './processes/interrupted';
import { interruption } from './processes/interruption';
import { publish } from './publish';
import { AILMENTS, type Ailment, unhealthyCommit } from './unhealthy-image';

interface PublishCommand {
  readonly release?: string;
  readonly commit?: string;
  readonly unhealthy?: Ailment;
  readonly unattested?: boolean;
}

const program = new Command('npm run local --')
  .description(
    'A platform on this machine, of real parts: Kubernetes (whose pods kwok only plays), PostgreSQL, the operator, and moto for ECR and S3. It lies in .local/ of this checkout.',
  )
  .option('--directory <checkout>', 'the checkout whose platform is meant', DIRECTORY)
  .showHelpAfterError('Type "npm run local -- --help" for what there is.')
  .addHelpText(
    'after',
    `
Examples:
  npm run local -- up                            start it, or find it running
  npm run local -- publish web-client            an image of a new commit, as its repository's workflow would
  npm run local -- publish web-client --unhealthy ... whose pods never get ready: what does a deploy make of it?
  npm run local -- publish web-client --unattested ... of which nobody says where it comes from
  eval "$(npm run -s local -- env planner)"      turn this shell to it, as the planner
  npx cdktf diff tenants                         ... so that everything here talks to it
  npm run local -- restart operator              run the operator as its files are now
  npm run local -- down                          end it and remove all it made here

What is built and downloaded lies in \${XDG_CACHE_HOME:-~/.cache}/tenantry, for every checkout.
KUBEBUILDER_ASSETS names a folder with etcd and kube-apiserver to use instead of building them.
TENANTRY_KUBERNETES_PROVIDER=real|stand-in insists on one of the two Terraform providers.`,
  );

program
  .command('up')
  .description('start the platform, or find it running')
  .option('--attached', 'stay in the foreground; the platform ends with this command')
  .action(async ({ attached = false }: { attached?: boolean }) => {
    const signal = interruption();
    const { record } = await bringUp(directory(), { attached, signal });
    console.log(describePlatform(record));
    if (attached) await ended(signal);
    else console.log('Turn a shell to it with: eval "$(npm run -s local -- env)"');
  });

program
  .command('down')
  .description('end the platform and remove all it made in this checkout; safe when nothing runs')
  .action(async () => {
    console.log((await down(directory())) ? 'The local platform is gone.' : 'There is no local platform here.');
  });

program
  .command('status')
  .description('does it run, where, with which provider; if it ended by itself, why. Exit code 1 if it does not run')
  .option('--json', 'for programs')
  .action(async ({ json }: { json?: boolean }) => {
    const found = await status(directory());
    console.log(json ? printableJson(found, 2) : describeStatus(found));
    if (!found.platform) process.exitCode = 1;
  });

program
  .command('restart')
  .description('end one part and start it again, with its port and its data, while all others run on')
  .argument('<part>', 'such as operator, postgres or kube-apiserver: "npm run local -- status" lists them')
  .action(async (part: string) => {
    await restartPart(directory(), part);
    console.log(`${part} runs again.`);
  });

program
  .command('publish')
  .description('publish an image of a service, tagged as its workflow would: commit, latest, release')
  .argument('<service>', 'a service of the platform file, or "operator"')
  .option('--release <release>', "release branch, such as releases/0.0.2 (default: the platform's)")
  .option('--commit <sha>', '40 hexadecimal digits (default: a new random one)')
  .addOption(
    new Option(
      '--unhealthy [how]',
      'an image that is not well: its pods never get ready, they do and the host answers 503, or its Jobs fail, migrations too',
    )
      .choices(Object.keys(AILMENTS))
      .preset('pods')
      .conflicts('commit'),
  )
  .option('--unattested', 'an image that nobody attests, which the platform file refuses')
  .action(async (service: string, { release, unhealthy, unattested = false, ...given }: PublishCommand) => {
    const commit = unhealthy ? unhealthyCommit(unhealthy) : given.commit;
    const { platform, registry } = await runningPlatform(directory());
    const published = await publish(registry, {
      service,
      release: release ?? platform.release,
      ...(commit !== undefined && { commit }),
      attest: !unattested,
    });
    console.log(
      `${published.changed ? 'Published' : 'Already published:'} ${published.repository}@${published.digest}\n` +
        `  commit: ${published.commit}\n  tags: ${published.tags.join(', ')}\n` +
        'Deploy it with: npm start',
    );
  });

program
  .command('env')
  .description('lines for a POSIX shell that turn it to the platform: eval "$(npm run -s local -- env planner)"')
  .addArgument(new Argument('[identity]', 'as whom to talk to the cluster').choices(IDENTITY_NAMES))
  .action(async (identity?: Identity) => {
    const lines = shellLines(platformEnvironment(await runningRecord(directory()), identity));
    console.log(lines.join('\n'));
  });

function directory(): string {
  return resolve(program.opts<{ directory: string }>().directory);
}

/** Until a signal asks this command to end: its supervisor then ends with it. */
function ended(signal: AbortSignal): Promise<void> {
  const staysAwake = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      clearInterval(staysAwake);
      resolve();
    });
  });
}

program.parseAsync().then(
  () => exit(),
  // Not by itself: builds that were interrupted would hold it up. They end with this process.
  (error: unknown) =>
    exit(process.exitCode || 1, error instanceof Interrupted ? '\nInterrupted. Nothing of it runs.' : explain(error)),
);
