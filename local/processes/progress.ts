/** Seconds of silence before a task is worth a line, and between two lines where lines can't be redrawn. */
const PATIENCE = 1.5;
const INTERVAL = 15;

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What goes on: a text, or what gives one that changes meanwhile. */
type What = string | (() => string);

interface Task {
  readonly what: What;
  readonly start: number;
  lastShown: number;
}

/** Says what takes long while it takes long: one redrawn line on a terminal, a plain line now and then elsewhere. */
export class Progress {
  private readonly tasks = new Set<Task>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: ProgressStream = process.stderr,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {}

  /** Prints one line for good. */
  say(line: string): void {
    this.stream.write(`${this.stream.isTTY ? '\r\x1b[K' : ''}${line}\n`);
  }

  /** Shows `what` while `work` goes on, and how long it took if that was worth mentioning. */
  async during<Result>(what: What, work: () => Promise<Result>): Promise<Result> {
    const task: Task = { what, start: this.now(), lastShown: 0 };
    this.tasks.add(task);
    this.timer ??= setInterval(() => this.show(), 1000);
    try {
      const result = await work();
      const seconds = this.secondsOf(task);
      if (seconds >= PATIENCE) this.say(`${textOf(task)}: done in ${seconds} s`);
      return result;
    } finally {
      this.tasks.delete(task);
      if (this.tasks.size === 0) this.rest();
    }
  }

  private show(): void {
    const slow = [...this.tasks].filter((task) => this.now() - task.start >= PATIENCE);
    if (slow.length === 0) return;
    if (this.stream.isTTY) this.redraw(slow);
    else for (const task of slow) this.showPlainly(task);
  }

  private redraw(tasks: readonly Task[]): void {
    const line = tasks.map((task) => `${textOf(task)} … ${this.secondsOf(task)} s`).join(' · ');
    this.stream.write(`\r\x1b[K${line.slice(0, (this.stream.columns || 80) - 1)}`);
  }

  private showPlainly(task: Task): void {
    const seconds = this.secondsOf(task);
    if (task.lastShown > 0 && seconds - task.lastShown < INTERVAL) return;
    task.lastShown = seconds;
    this.stream.write(`${textOf(task)} … ${seconds} s\n`);
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }

  private secondsOf(task: Task): number {
    return Math.round(this.now() - task.start);
  }
}

function textOf({ what }: Task): string {
  return typeof what === 'string' ? what : what();
}
