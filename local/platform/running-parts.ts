import { ExplainedError } from '../../lib/text/explained-error';
import type { Part } from '../parts/part';
import type { Layout } from './layout';
import { type PartFailed, PartProcess } from './part-process';

/** Thrown when somebody names a part that the platform does not have. */
export class NoSuchPart extends ExplainedError {
  override readonly name = 'NoSuchPart';

  constructor(
    readonly part: string,
    readonly parts: readonly string[],
  ) {
    super(`The local platform has no part "${part}" that runs. There are: ${parts.join(', ')}.`);
  }
}

/** The platform's processes, in the order of their start. */
export class RunningParts {
  private readonly running = new Map<string, PartProcess>();
  private stopping = false;

  /**
   * @param onStart Called when a part's process is there, long before it's ready.
   * @param onEnd Called when a part ends that was not told to.
   */
  constructor(
    private readonly layout: Layout,
    private readonly onStart: (process: PartProcess) => void,
    private readonly onEnd: (reason: PartFailed) => void,
  ) {}

  get all(): readonly PartProcess[] {
    return [...this.running.values()];
  }

  /** Starts a part and returns when it's ready. */
  async start(part: Part): Promise<void> {
    if (this.stopping) throw new Error('the platform is being stopped');
    const process = PartProcess.start(part, this.layout.log(part.name));
    this.running.set(part.name, process);
    this.onStart(process);
    process.ended.then((reason) => {
      if (!process.isToldToEnd) this.onEnd(reason);
    });
    await process.ready();
  }

  /** Ends a part and starts it again as it was, with its port and its data, while all others run on. */
  async restart(name: string): Promise<void> {
    const process = this.running.get(name);
    if (!process) throw new NoSuchPart(name, [...this.running.keys()]);
    await process.stop();
    await this.start(process.part);
  }

  /** Ends all of them, the last one first: none loses what it stands on before it has left. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const process of this.all.toReversed()) await process.stop();
  }
}
