import { mkdirSync, rmSync } from 'node:fs';
import { etcd } from '../parts/etcd';
import { randomTokens } from '../parts/identity';
import { certificateAuthority, kubeApiserver } from '../parts/kube-apiserver';
import { kubeconfig } from '../parts/kubeconfig';
import { moto } from '../parts/moto';
import { Presence } from '../processes/presence';
import type { Programs } from '../programs/programs';
import { terraformRc } from '../programs/terraform-rc';
import { Layout } from './layout';
import type { PlatformRecord } from './platform-record';
import { RunningParts } from './running-parts';
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
/** What others ask of it over its presence. */
export const STOP = 'stop';

/**
 * The process that owns all others of one platform. It ends when it's told to, when one of its parts ends, and, unless it was
 * told to stay, when the process that started it does. However it ends, its parts end with it.
 */
class Supervisor {
  private readonly layout: Layout;
  private readonly parts: RunningParts;
  private presence: Presence | undefined;
  private staying = false;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {
    this.layout = new Layout(options.directory);
    this.parts = new RunningParts(
      this.layout,
      ({ part, process: child }) => log(`started ${part.name} (process ${child.pid})`),
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
      const record = await this.start();
      if (this.stopped) return;
      writePrivate(this.layout.platform(), `${JSON.stringify(record, null, 2)}\n`);
      log('ready');
      tell({ ready: record });
    } catch (error) {
      await this.fail(error as Error);
    }
  }

  private async announce(): Promise<void> {
    this.presence = await Presence.open((line) => {
      if (line === STOP) this.stop('asked to');
    });
    if (!this.presence.claim(this.layout.supervisor())) throw new Error('another supervisor runs here already');
    rmSync(this.layout.ended(), { force: true });
    rmSync(this.layout.platform(), { force: true });
    rmSync(this.layout.data(''), { recursive: true, force: true, maxRetries: 10 });
    mkdirSync(this.layout.data(''), { recursive: true, mode: 0o700 });
  }

  private async start(): Promise<PlatformRecord> {
    const { programs, account, region } = this.options;
    const [kubernetes, aws] = await Promise.all([this.startKubernetes(), this.startAws()]);
    writePrivate(this.layout.terraformRc(), terraformRc(programs.provider));
    return {
      supervisor: { pid: process.pid },
      startedAt: new Date().toISOString(),
      parts: this.parts.all.map(({ part, process: child }) => ({
        name: part.name,
        pid: child.pid ?? 0,
        endpoint: part.endpoint,
      })),
      aws: { endpoint: aws, account, region },
      kubernetes: { endpoint: kubernetes, kubeconfig: this.layout.kubeconfig() },
      provider: programs.provider,
      terraformRc: this.layout.terraformRc(),
    };
  }

  private async startKubernetes(): Promise<string> {
    const { programs } = this.options;
    const tokens = randomTokens();
    const store = await etcd(programs.etcd, this.layout.data('etcd'));
    await this.parts.start(store);
    const data = this.layout.data('kube-apiserver');
    const server = await kubeApiserver(programs.kubeApiserver, data, store.endpoint, tokens);
    await this.parts.start(server);
    writePrivate(this.layout.kubeconfig(), kubeconfig(server.endpoint, certificateAuthority(data), tokens));
    return server.endpoint;
  }

  private async startAws(): Promise<string> {
    const part = await moto(this.options.programs.python, this.options.account);
    await this.parts.start(part);
    return part.endpoint;
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
      await this.parts.stop();
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
