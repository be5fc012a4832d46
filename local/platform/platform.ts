import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExplainedError } from '../../lib/text/explained-error';
import { removePostgresHome } from '../parts/postgres-home';
import { unlessInterrupted } from '../processes/interrupted';
import { withLock } from '../processes/lock';
import { findPresence } from '../processes/presence';
import { Progress } from '../processes/progress';
import { lastLines } from '../processes/run';
import { type KubernetesProvider, wantedProvider } from '../programs/kubernetes-provider';
import { obtainPrograms } from '../programs/programs';
import { WrongSetting } from '../programs/wrong-setting';
import { Layout } from './layout';
import { type EndedRecord, type PlatformRecord, readEndedRecord, readPlatformRecord } from './platform-record';
import { STAY, STOP, type SupervisorMessage, type SupervisorOptions } from './supervisor';

export interface UpOptions {
  /** The checkout: the platform lies in its `.local/`. */
  readonly directory: string;
  /** The AWS account and region that the local ECR and S3 speak for. */
  readonly account: string;
  readonly region: string;
  /** The platform ends with this process. Default: it stays until `down`. */
  readonly attached?: boolean;
  /** A folder with the `bin` of another PostgreSQL than the platform's own. */
  readonly postgresql?: string;
  readonly progress?: Progress;
  /** Gives up, and leaves nothing that runs. */
  readonly signal?: AbortSignal;
}

/** Thrown when the platform doesn't come up. */
export class PlatformFailed extends ExplainedError {
  override readonly name = 'PlatformFailed';

  constructor(
    readonly directory: string,
    reason: string,
  ) {
    super(`The local platform did not start: ${reason}`);
  }
}

/** Brings the platform up, or finds it running. */
export async function up(options: UpOptions): Promise<PlatformRecord> {
  const { directory, signal, progress = new Progress() } = options;
  const layout = new Layout(directory);
  return locked(
    layout,
    { progress, signal },
    async () => (await reuse(layout, progress, signal)) ?? (await start(layout, progress, options)),
  );
}

/** Ends the platform, if it runs, and removes all that it made in the checkout. False if there was nothing. */
export async function down(directory: string, progress = new Progress()): Promise<boolean> {
  const layout = new Layout(directory);
  if (!existsSync(layout.root)) return false;
  await locked(layout, { progress }, async () => {
    const supervisor = await findPresence(layout.supervisor());
    if (supervisor) {
      supervisor.send(STOP);
      await progress.during('stopping the local platform', () => supervisor.gone());
    }
    removePostgresHome(layout.data('postgres'));
    // The lock goes last, as its holder's.
    for (const name of readdirSync(layout.root).filter((one) => join(layout.root, one) !== layout.lock())) {
      rmSync(join(layout.root, name), { recursive: true, force: true, maxRetries: 10 });
    }
  });
  removeIfEmpty(layout.root);
  return true;
}

export interface Status {
  /** There while the platform runs and is ready. */
  readonly platform?: PlatformRecord;
  /** Why it ended, if nobody asked it to. */
  readonly ended?: EndedRecord;
}

export async function status(directory: string): Promise<Status> {
  const layout = new Layout(directory);
  const supervisor = await findPresence(layout.supervisor());
  const platform = supervisor && readPlatformRecord(layout);
  supervisor?.leave();
  if (platform) return { platform };
  const ended = readEndedRecord(layout) ?? killed(layout);
  return ended ? { ended } : {};
}

/** The record of a platform whose supervisor had no time to take it away. */
function killed(layout: Layout): EndedRecord | undefined {
  const record = readPlatformRecord(layout);
  return record && { at: 'unknown', reason: `its supervisor (process ${record.supervisor.pid}) was killed` };
}

function locked<Result>(
  layout: Layout,
  { progress, signal }: { readonly progress: Progress; readonly signal?: AbortSignal | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  const onWait = (pid: number) => progress.say(`waiting for process ${pid}, which brings the platform up or down …`);
  return withLock(layout.lock(), { onWait, signal }, work);
}

/** The platform that runs here. One that is on its way down is waited for, and none. */
async function reuse(
  layout: Layout,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<PlatformRecord | undefined> {
  const supervisor = await findPresence(layout.supervisor());
  if (!supervisor) return undefined;
  const record = readPlatformRecord(layout);
  if (!record) {
    await progress.during('waiting for the last platform to end', () => unlessInterrupted(supervisor.gone(), signal));
    return undefined;
  }
  supervisor.leave();
  refuseOtherProvider(record.provider);
  return record;
}

function refuseOtherProvider({ kind }: KubernetesProvider): void {
  const wanted = wantedProvider();
  if (wanted === undefined || wanted === kind) return;
  throw new WrongSetting(
    'TENANTRY_KUBERNETES_PROVIDER',
    wanted,
    `but the platform runs with the ${kind} provider. End it first: npm run local -- down`,
  );
}

async function start(layout: Layout, progress: Progress, options: UpOptions): Promise<PlatformRecord> {
  const { directory, account, region, signal, postgresql } = options;
  const last = readEndedRecord(layout) ?? killed(layout);
  if (last)
    progress.say(`the last platform here ended, and what was published and deployed on it is gone: ${last.reason}`);
  const obtained = await unlessInterrupted(obtainPrograms(progress), signal);
  const programs = { ...obtained, ...(postgresql && { postgresql }) };
  const supervisor = spawnSupervisor(layout, { directory, programs, account, region });
  try {
    const what = 'starting Kubernetes, PostgreSQL and moto';
    const record = await progress.during(what, () => unlessInterrupted(started(supervisor, layout), signal));
    if (!options.attached) {
      supervisor.send(STAY);
      supervisor.disconnect();
    }
    supervisor.unref();
    supervisor.channel?.unref();
    return record;
  } catch (error) {
    await leave(supervisor);
    throw error;
  }
}

/** In a session of its own, so that a Ctrl-C in the terminal reaches `up` alone, which takes it down in order. */
function spawnSupervisor(layout: Layout, options: SupervisorOptions): ChildProcess {
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const log = openSync(layout.supervisorLog(), 'w', 0o600);
  try {
    return spawn(
      process.execPath,
      ['-r', require.resolve('@swc-node/register'), join(__dirname, 'supervisor.ts'), JSON.stringify(options)],
      { cwd: join(__dirname, '../..'), detached: true, stdio: ['ignore', log, log, 'ipc'] },
    );
  } finally {
    closeSync(log);
  }
}

async function started(supervisor: ChildProcess, layout: Layout): Promise<PlatformRecord> {
  const ended = once(supervisor, 'exit').then(() => {
    const log = readFileSync(layout.supervisorLog(), 'utf8');
    return { failed: `its supervisor ended. Its last lines (${layout.supervisorLog()}):\n${lastLines(log)}` };
  });
  const told = once(supervisor, 'message').then(([message]) => message as SupervisorMessage);
  const message = await Promise.race([told, ended]);
  if ('failed' in message) throw new PlatformFailed(layout.root, message.failed);
  return message.ready;
}

/** A supervisor that was not told to stay ends in order when nobody listens any more. */
async function leave(supervisor: ChildProcess): Promise<void> {
  if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
  const ended = once(supervisor, 'exit');
  if (supervisor.connected) supervisor.disconnect();
  await ended;
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error;
  }
}
