import { existsSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { releaseTag } from '../lib/config/release';
import { OPERATOR } from '../lib/images/request';
import { deployVerdict } from '../lib/run-report/deploy-log';
import { explain } from '../lib/text/explained-error';
import { bringUp, DIRECTORY, type RunningPlatform } from './checkout';
import { runStep, StepFailed } from './deploy-step';
import { describePlatform } from './description';
import { environmentFor } from './environment';
import { digestOf, ecrClient } from './local-registry';
import { ClusterApi } from './parts/cluster-api';
import type { Identity } from './parts/identity';
import { Layout } from './platform/layout';
import { exit } from './processes/exit';
import { interruption } from './processes/interruption';
import { Progress } from './processes/progress';
import { publish } from './publish';
import { readableOutput } from './readable-output';
import { makeTenantSecrets } from './tenant-secrets';
import { terraformOutcomes } from './terraform-outcome';

const progress = new Progress();
const interrupted = interruption();
let started = false;
const DEPLOY = [process.execPath, 'cli/tenantry.js', 'deploy', '--auto-approve'] as const;

/** `npm start`: from nothing to tenants that run, by the commands that a person would type. */
async function start(): Promise<void> {
  const running = await bringUp(DIRECTORY, { signal: interrupted });
  started = true;
  console.log(describePlatform(running.record));
  await publishMissing(running);
  await bootstrap(running);
  await installOperator(running);
  await deploy(running);
  await makeSecrets(running);
  await verify(running);
  await showStatus(running);
  console.log(NEXT);
}

/** An image of every service, the operator among them, that has none of the platform's release yet. */
async function publishMissing({ platform, registry }: RunningPlatform): Promise<void> {
  const client = ecrClient(registry);
  for (const { service, repository } of registry.repositories) {
    const release = service === OPERATOR ? platform.operator.release : platform.release;
    if (await digestOf(client, repository, releaseTag(release))) continue;
    const { digest, commit } = await publish(registry, { service, release });
    console.log(`published ${repository} ${release}: commit ${commit.slice(0, 7)}, ${digest.slice(0, 19)}`);
  }
}

/** The bucket for Terraform's state. */
async function bootstrap(running: RunningPlatform): Promise<void> {
  await step(running, 'making the bucket for the state', [process.execPath, 'cli/tenantry.js', 'bootstrap']);
}

/** Once a platform, as an administrator: what the deployer may do is granted by what is deployed here. */
async function installOperator(running: RunningPlatform): Promise<void> {
  const done = new Layout(DIRECTORY).data('operator-installed');
  if (existsSync(done)) return;
  const command = [...DEPLOY, 'operator'] as const;
  showOutcomes(await step(running, 'tenantry deploy operator, once, as the administrator', command, 'admin'));
  writeFileSync(done, '');
}

async function deploy(running: RunningPlatform): Promise<void> {
  showOutcomes(await step(running, 'tenantry deploy, as the deployer', DEPLOY, 'deployer'));
}

/** What the files name and somebody else makes. */
async function makeSecrets({ tenants }: RunningPlatform): Promise<void> {
  const cluster = ClusterApi.fromKubeconfig(new Layout(DIRECTORY).adminKubeconfig());
  for (const secret of await makeTenantSecrets(cluster, tenants)) {
    console.log(`  made the Secret ${secret}, as a secret manager would`);
  }
}

async function verify({ record }: RunningPlatform): Promise<void> {
  const command = [process.execPath, 'cli/tenantry.js', 'verify'] as const;
  const env = environmentFor(record, 'planner');
  await runStep({ what: 'tenantry verify', command, cwd: DIRECTORY, env, isShown: true }, progress);
}

async function showStatus(running: RunningPlatform): Promise<void> {
  const output = await step(
    running,
    'asking which commit runs where',
    [process.execPath, 'cli/tenantry.js', 'status'],
    'planner',
  );
  console.log(`\n${output.trimEnd()}`);
}

function step(
  { record }: RunningPlatform,
  what: string,
  command: readonly [string, ...string[]],
  identity?: Identity,
): Promise<string> {
  return runStep({ what, command, cwd: DIRECTORY, env: environmentFor(record, identity) }, progress);
}

/** Where the images came from, which says so when the platform is frozen, and what each stack came to. */
function showOutcomes(output: string): void {
  console.log(`  ${stripVTControlCharacters(output).match(/images: .*/)?.[0] ?? ''}`);
  for (const outcome of terraformOutcomes(output)) console.log(`  ${outcome}`);
}

/** What the run report of the deploy workflow would say of a deploy that failed, which is what to do. */
function adviceOn(error: unknown): string {
  if (!(error instanceof StepFailed) || !error.step.command.includes('deploy')) return '';
  const { title, next } = deployVerdict(readableOutput(error.output));
  return `\n\n${[`${title}:`, ...next].join('\n  ')}`;
}

const NEXT = `
Go on:
  npm run local -- publish web-client          a new commit of a service; then npm start again deploys it
  npm run local -- publish web-client --unhealthy ... and one that the first ring holds up
  eval "$(npm run -s local -- env planner)"    turn this shell to the platform, as the planner
    kubectl --context planner get tenants
    npx cdktf diff tenants
  npm run local -- restart operator            run the operator as its files are now
  npm run local -- down                        end it`;

start().then(
  () => exit(),
  (error: unknown) => {
    const goesOn = started ? 'The platform still runs: "npm start" goes on, "npm run local -- down" ends it.' : '';
    exit(process.exitCode || 1, interrupted.aborted ? goesOn : `${explain(error)}${adviceOn(error)}`);
  },
);
