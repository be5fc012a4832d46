import { appendFileSync, existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { configurationOf, loadSources } from '../lib/config/load';
import type { Platform } from '../lib/config/platform';
import type { Sources } from '../lib/config/sources';
import { readLock } from '../lib/images/lock';
import type { PinnedImage } from '../lib/images/pinned-image';
import { heldStates, settle } from '../lib/run-report/aftermath';
import { annotations } from '../lib/run-report/annotations';
import { announcementIn, overtaken } from '../lib/run-report/announcement';
import { askedSince } from '../lib/run-report/asked-since';
import { doneBy } from '../lib/run-report/done';
import { failureEnvironment } from '../lib/run-report/failure-record';
import { GitHubSilent } from '../lib/run-report/github';
import { graceMinutes } from '../lib/run-report/grace';
import { newerCommits } from '../lib/run-report/newer-commits';
import { RunFolder } from '../lib/run-report/run-folder';
import type { RunReport } from '../lib/run-report/run-report';
import { runSummary } from '../lib/run-report/run-summary';
import { endedWell, runVerdict, type StepOutcomes } from '../lib/run-report/run-verdict';
import { slackMessage } from '../lib/run-report/slack-message';
import { unannounced } from '../lib/run-report/unannounced';
import { absorbed, type WorkflowRun, workflowRuns } from '../lib/run-report/workflow-runs';
import { runStep } from '../lib/step/run-step';
import { tellDeployments } from './report/deployments';
import { WrongOption } from './wrong-option';

/** Minutes by which runs that this one could stand for are older at most: a run is never so long. */
const REACH = 6 * 60;

export function addReport(program: Command): void {
  const report = program.command('report').description('for the steps of the workflow deploy-tenants');
  report
    .command('step')
    .description('run a command, and keep what it says for the report of the run; ends as the command does')
    .argument('<name>', 'name of the step')
    .argument('<command...>', 'after --')
    .action(async (name: string, [command = '', ...args]: string[]) => {
      process.exitCode = await runOf(name, command, args);
    });
  report
    .command('run')
    .description(
      'what the run came to: a summary, annotations, and the outputs "slack" and "changed". Exit code 1 where all was deployed, and no dispatch had told of it',
    )
    .addOption(
      new Option(
        '--grace <minutes>',
        'age from which on an image that no dispatch announced means that dispatching is broken',
      )
        .env('TENANTRY_GRACE')
        .argParser(minutes)
        .default(5),
    )
    .action(async ({ grace }: { readonly grace: number }) => {
      const made = await reportOf(grace);
      tell(made.report, made.platform);
    });
  report
    .command('deployments')
    .description(
      'bring GitHub to show in the application repositories which commit each ring runs; needs GITHUB_TOKEN of an App that may. Whatever stands in the way is a warning',
    )
    .action(() => tellDeployments(pinned));
}

async function runOf(name: string, command: string, args: readonly string[]): Promise<number> {
  const { failure, ...files } = new RunFolder().begin(name);
  try {
    return await runStep(files, [command, ...args], failureEnvironment(failure));
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (!syscall?.startsWith('spawn')) throw error;
    throw new WrongOption('step', command, `cannot be run: ${message}`);
  }
}

async function reportOf(grace: number): Promise<{ readonly report: RunReport; readonly platform: string }> {
  const {
    GITHUB_EVENT_NAME: event,
    GITHUB_RUN_ID: id,
    COMMIT: commit,
    GITHUB_SERVER_URL: serverUrl = 'https://github.com',
  } = process.env;
  const folder = new RunFolder();
  const sources = trySources();
  const configuration = sources && configurationOf(sources);
  const scheduled = event === 'schedule';
  const now = new Date();
  const steps = stepOutcomes();
  const platform = configuration?.platform;
  const settled = await settle(folder);
  const aftermath = { ...settled, ...(endedWell(steps) ? { locks: [] } : await heldStates(folder, platform)) };
  const verdict = runVerdict(folder, steps, {
    platform,
    scheduled,
    serverUrl,
    now,
    aftermath,
    askedSince: (image) => sources && askedSince(image, sources),
  });
  const plan = folder.plan();
  const images = platform ? pinned(platform) : [];

  // Whoever starts a run by hand may have waited for no dispatch, and a replay deploys old images.
  const net = event !== 'workflow_dispatch' && plan ? { plan, images, now, grace } : undefined;
  const suspects = net ? unannounced({ ...net, announced: [] }) : [];
  const oldest = Math.min(now.getTime() - REACH * 60_000, ...suspects.map(pushed));
  const runs = await known(workflowRuns(new Date(oldest)));
  const newer = commit ? await known(newerCommits(commit)) : [];
  const before = 'unknown' in runs ? [] : absorbed(runs, Number(id));
  const own = 'unknown' in runs ? undefined : runs.find((run) => run.id === Number(id));
  const said = (some: readonly WorkflowRun[]) => some.flatMap(({ title }) => announcementIn(title) ?? []);
  const lost = net && !('unknown' in runs) ? unannounced({ ...net, announced: said(runs) }) : [];
  const { GITHUB_REPOSITORY: repository } = process.env;
  const done = verdict.kind === 'good' && plan ? doneBy(plan) : undefined;
  const report: RunReport = {
    verdict,
    ...(repository && id && { url: `${serverUrl}/${repository}/actions/runs/${id}` }),
    ...(plan && { plan }),
    ...(done && { done }),
    ...(commit && { commit }),
    newer: 'unknown' in newer ? [] : newer,
    held: folder.heldImages(),
    absorbed: before,
    overtaken: overtaken(said([...(own ? [own] : []), ...before]), { images }),
    unannounced: lost,
    unknown: [runs, newer].flatMap((answer) => ('unknown' in answer ? [answer.unknown] : [])),
  };
  return { report, platform: configuration?.platform.name ?? 'of unknown name' };
}

function tell(report: RunReport, platform: string): void {
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output } = process.env;
  if (summary) appendFileSync(summary, runSummary(report));
  else process.stdout.write(runSummary(report));
  for (const line of annotations(report)) console.log(line);
  const { verdict, done } = report;
  if (output)
    appendFileSync(
      output,
      `kind=${verdict.kind}\nchanged=${done !== undefined}\nslack=${slackMessage(report, platform)}\n`,
    );
  if (report.verdict.kind === 'good' && report.unannounced.length > 0) process.exitCode = 1;
}

/** A run may have failed since the configuration has a mistake. */
function trySources(): Sources | undefined {
  try {
    return loadSources();
  } catch {
    return undefined;
  }
}

/** Those of the run; none where it did not come that far. */
function pinned(platform: Platform): readonly PinnedImage[] {
  const lock = 'cdktf.out/images.lock.json';
  return existsSync(lock) ? readLock(lock, platform).images : [];
}

function pushed({ pushedAt }: PinnedImage): number {
  const time = Date.parse(pushedAt ?? '');
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

/** What GitHub says, or why it is not known. */
async function known<Answer extends readonly unknown[]>(
  answer: Promise<Answer>,
): Promise<Answer | { readonly unknown: string }> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GitHubSilent) return { unknown: error.message };
    throw error;
  }
}

/** GitHub's `steps` context, which the workflow gives in STEPS. */
function stepOutcomes(): StepOutcomes {
  const { STEPS: text = '' } = process.env;
  try {
    return JSON.parse(text) as StepOutcomes;
  } catch (cause) {
    throw new WrongOption('STEPS', text.slice(0, 80), 'the environment must have the context "steps" in it, as JSON', {
      cause,
    });
  }
}

function minutes(text: string): number {
  const grace = graceMinutes(text);
  if (grace === undefined) throw new InvalidArgumentError('It must be a whole number of minutes.');
  return grace;
}
