import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError } from '../../lib/text/explained-error';
import type { ClusterApi } from '../parts/cluster-api';
import type { Part } from '../parts/part';
import { PartProcess } from './part-process';

const DEPLOYMENT = '/apis/apps/v1/namespaces/tenantry-system/deployments/tenantry-operator';

/** Milliseconds between two looks at the Deployment; and until a process that ended starts anew, at first and at most. */
const LOOK_EVERY = 1000;
const SHORTEST_DELAY = 100;
const LONGEST_DELAY = 10_000;

interface Deployment {
  readonly spec: { readonly replicas: number; readonly template: object };
}

/** Thrown when the operator is to be started anew, and the cluster does not ask for it at all. */
export class NotAskedFor extends ExplainedError {
  override readonly name = 'NotAskedFor';

  constructor(readonly deployment: string) {
    super(
      `The operator does not run: the cluster has no Deployment of it with replicas (${deployment}). Deploy it first: npm start`,
    );
  }
}

/**
 * Does for the operator what the kubelet of a real node would: the operator runs while the cluster has a Deployment of it, is started anew
 * when that has another template, such as a new image, and whenever it ends.
 */
export class OperatorKeeper {
  private process: PartProcess | undefined;
  /** The template that the process was started for. */
  private template: string | undefined;
  private delay = SHORTEST_DELAY;
  private notBefore = 0;
  private readonly stopping = new AbortController();
  /** One thing at a time: a look, or a restart. */
  private busy: Promise<unknown> = Promise.resolve();

  /** @param onChange Called with a line that says so when its process has started, and when it has ended. */
  constructor(
    private readonly part: Part,
    private readonly log: string,
    private readonly cluster: ClusterApi,
    private readonly onChange: (line: string) => void,
  ) {}

  get name(): string {
    return this.part.name;
  }

  /** Its process, or none. */
  get running(): readonly PartProcess[] {
    return this.process ? [this.process] : [];
  }

  /** From now on, until it's stopped. */
  async keep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.inTurn(() => this.look());
      await sleep(LOOK_EVERY, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** Starts the process anew, and returns when that is ready. */
  async restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.process?.stop();
      this.delay = SHORTEST_DELAY;
      this.notBefore = 0;
      await this.look();
      if (!this.process) throw new NotAskedFor(DEPLOYMENT);
      await this.process.ready();
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // Who waits for it to be ready waits no longer.
    await this.process?.stop();
    await this.busy;
  }

  private async look(): Promise<void> {
    const wanted = await this.wanted();
    if (wanted !== this.template) await this.process?.stop();
    this.template = wanted;
    if (wanted !== undefined && !this.process && Date.now() >= this.notBefore && !this.stopping.signal.aborted)
      this.begin();
  }

  /** The template that the cluster asks for now. As before, while the cluster does not answer. */
  private async wanted(): Promise<string | undefined> {
    try {
      const deployment = await this.cluster.get<Deployment>(DEPLOYMENT);
      return deployment && deployment.spec.replicas > 0 ? JSON.stringify(deployment.spec.template) : undefined;
    } catch {
      return this.template;
    }
  }

  private begin(): void {
    const process = PartProcess.start(this.part, this.log);
    this.process = process;
    this.onChange(`started ${this.name} (process ${process.pid})`);
    process.ready().then(
      () => {
        this.delay = SHORTEST_DELAY;
      },
      () => undefined,
    );
    process.ended.then(({ outcome }) => {
      this.process = undefined;
      this.onChange(`${this.name} (process ${process.pid}) ${outcome}`);
      if (process.isToldToEnd) return;
      this.notBefore = Date.now() + this.delay;
      setTimeout(() => this.inTurn(() => this.look()), this.delay);
      this.delay = Math.min(2 * this.delay, LONGEST_DELAY);
    });
  }

  private async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.busy.then(work);
    this.busy = turn.catch(() => undefined);
    return turn;
  }
}
