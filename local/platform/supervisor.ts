import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '../../lib/text/explained-error';
import { moto } from '../parts/moto';
import { operator } from '../parts/operator';
import { makeOperatorRole, type Postgres, postgres } from '../parts/postgres';
import { removePostgresHome } from '../parts/postgres-home';
import { Presence } from '../processes/presence';
import type { Programs } from '../programs/programs';
import { terraformRc } from '../programs/terraform-rc';
import { Layout } from './layout';
import { OperatorKeeper } from './operator-keeper';
import type { PlatformRecord } from './platform-record';
import { RunningParts } from './running-parts';
import { startKubernetes } from './start-kubernetes';
import { writePrivate } from './write-private';

/** What `up` hands to the supervisor. */
export interface SupervisorOptions {
  readonly directory: string;
  readonly programs: Programs;
  readonly account: string;
  readonly region: string;
}

/** What the supervisor tells `up`. */
export type SupervisorMessage = { readonly ready: PlatformRecord } | { readonly failed: string };

/** What `up` tells the supervisor once it's ready: stay, although this process ends. */
export const STAY = 'stay';
/** What others ask of it over its presence: to end. */
export const STOP = 'stop';
/** And, with the name of a part, to start that anew. */
export const RESTART = 'restart';

/** What it answers to the latter. */
export type RestartAnswer = { readonly restarted: PlatformRecord } | { readonly failed: string };

/**
 * The process that owns all others of one platform. It ends when it's told to, when one of its parts ends, and, unless it was
 * told to stay, when the process that started it does. However it ends, its parts end with it.
 */
class Supervisor {
  private readonly layout: Layout;
  private readonly parts: RunningParts;
  /** Its end is not the platform's. */
  private operator: OperatorKeeper | undefined;
  /** There once the platform is ready. Without the parts, which change. */
  private record: Omit<PlatformRecord, 'parts'> | undefined;
  private presence: Presence | undefined;
  private staying = false;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {
    this.layout = new Layout(options.directory);
    this.parts = new RunningParts(
      this.layout,
      ({ part, pid }) => log(`started ${part.name} (process ${pid})`),
      (reason) => this.fail(reason),
    );
  }

  async run(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => this.stop(`asked to, by ${signal}`));
    process.on('message', (message) => {
      if (message === STAY) this.staying = true;
    });
    process.on('disconnect', () => {
      if (!this.staying) this.stop('the process that started it has ended');
    });
    try {
      await this.announce();
      this.record = await this.start();
      const ready = this.writeRecord();
      if (!ready) return;
      log('ready');
      tell({ ready });
      this.operator?.keep();
    } catch (error) {
      await this.fail(error as Error);
    }
  }

  private async announce(): Promise<void> {
    this.presence = await Presence.open((line) => {
      const [request, name = ''] = line.split(' ');
      if (request === STOP) this.stop('asked to');
      return request === RESTART ? this.restart(name) : undefined;
    });
    if (!this.presence.claim(this.layout.supervisor())) throw new Error('another supervisor runs here already');
    rmSync(this.layout.ended(), { force: true });
    rmSync(this.layout.platform(), { force: true });
    rmSync(this.layout.logs(), { recursive: true, force: true });
    removePostgresHome(this.layout.data('postgres'));
    rmSync(this.layout.data(''), { recursive: true, force: true, maxRetries: 10 });
    mkdirSync(this.layout.data(''), { recursive: true, mode: 0o700 });
  }

  private async start(): Promise<Omit<PlatformRecord, 'parts'>> {
    const { programs, account, region } = this.options;
    const [kubernetes, aws, database] = await Promise.all([
      startKubernetes(this.parts, this.layout, programs),
      this.startAws(),
      this.startPostgres(),
    ]);
    const databaseFolder = this.layout.data('operator-database');
    mkdirSync(databaseFolder, { mode: 0o700 });
    writePrivate(join(databaseFolder, 'url'), database.operator);
    const { part, ...urls } = await operator({
      python: programs.operatorPython,
      folder: join(this.options.directory, 'operator'),
      kubeconfig: kubernetes.operatorKubeconfig,
      databaseFolder,
      ingress: kubernetes.gateway,
    });
    this.operator = new OperatorKeeper(part, this.layout.log(part.name), kubernetes.api, (line) => {
      log(line);
      this.writeRecord();
    });
    writePrivate(this.layout.terraformRc(), terraformRc(programs.provider));
    const { host, port, superuser, operator: operatorUrl } = database;
    return {
      supervisor: { pid: process.pid },
      startedAt: new Date().toISOString(),
      aws: { endpoint: aws, account, region },
      kubernetes: { endpoint: kubernetes.endpoint, kubeconfig: this.layout.kubeconfig() },
      postgres: { host, port, superuser, operator: operatorUrl },
      gateway: { endpoint: kubernetes.gateway },
      operator: { ...urls, log: this.layout.log(part.name) },
      provider: programs.provider,
      terraformRc: this.layout.terraformRc(),
      authority: this.layout.authority(),
    };
  }

  private async startAws(): Promise<string> {
    const part = await moto(this.options.programs.motoPython, this.options.account);
    await this.parts.start(part);
    return part.endpoint;
  }

  private async startPostgres(): Promise<Postgres> {
    const database = await postgres(this.options.programs.postgresql, this.layout.data('postgres'));
    await this.parts.start(database.part);
    await makeOperatorRole(database);
    return database;
  }

  /** Says what runs now. Undefined, and nothing is said, before the platform is ready and once it's being stopped. */
  private writeRecord(): PlatformRecord | undefined {
    if (!this.record || this.stopped) return undefined;
    const running = [...this.parts.all, ...(this.operator?.running ?? [])];
    const parts = running.map(({ part, pid }) => ({ name: part.name, pid, endpoint: part.endpoint }));
    const record = { ...this.record, parts };
    writePrivate(this.layout.platform(), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  }

  private async restart(name: string): Promise<string> {
    const answer = (content: RestartAnswer) => JSON.stringify(content);
    try {
      if (name === this.operator?.name) await this.operator.restart();
      else await this.parts.restart(name);
      const restarted = this.writeRecord();
      return answer(restarted ? { restarted } : { failed: 'The local platform is not ready, or is being stopped.' });
    } catch (error) {
      return answer({ failed: explain(error) });
    }
  }

  private fail(error: Error): Promise<void> {
    if (!this.stopped) {
      writePrivate(this.layout.ended(), JSON.stringify({ at: new Date().toISOString(), reason: error.message }));
      tell({ failed: error.message });
    }
    return this.stop(error.message);
  }

  /** Takes the platform's record away first, so that nobody starts to use what is about to end. */
  private stop(reason: string): Promise<void> {
    this.stopped ??= (async () => {
      log(`stopping: ${reason}`);
      rmSync(this.layout.platform(), { force: true });
      await this.operator?.stop();
      await this.parts.stop();
      // Elsewhere than all else that the next platform here, or `down`, removes.
      removePostgresHome(this.layout.data('postgres'));
      this.presence?.withdraw(this.layout.supervisor());
      log('stopped');
      process.exit(0);
    })();
    return this.stopped;
  }
}

function tell(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message);
}

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

if (require.main === module) new Supervisor(JSON.parse(process.argv[2] ?? '') as SupervisorOptions).run();
