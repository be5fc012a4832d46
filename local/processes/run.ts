import { once } from 'node:events';
import { ExplainedError } from '../../lib/text/explained-error';
import { letGo, spawnOnLeash, type User } from './leash';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User | undefined;
  /** Milliseconds after which the command is killed. Default: none. */
  readonly timeout?: number;
}

/** Thrown when a command can't be started, ends with another exit code than 0, or takes too long. */
export class CommandFailed extends ExplainedError {
  override readonly name = 'CommandFailed';

  constructor(
    readonly argv: readonly string[],
    readonly outcome: string,
    readonly output: string,
  ) {
    super(`${argv.join(' ')}\n${outcome}${output.trim() ? `; its last lines:\n${lastLines(output)}` : '.'}`);
  }
}

/** Runs a command to its end, without input, and returns what it wrote to stdout. It can't outlive this process. */
export async function run(argv: readonly string[], { timeout, ...options }: RunOptions = {}): Promise<string> {
  const child = spawnOnLeash(argv, { ...options, stdout: 'pipe', stderr: 'pipe' });
  let stdout = '';
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });

  let late = false;
  const timer =
    timeout &&
    setTimeout(() => {
      late = true;
      letGo(child);
    }, timeout);
  // Before others, on their way out, remove the files that it's still writing.
  const onExit = () => letGo(child);
  process.prependOnceListener('exit', onExit);
  try {
    const [code, signal] = await once(child, 'close');
    if (late) throw new CommandFailed(argv, `did not end within ${(timeout ?? 0) / 1000} s`, output);
    if (code !== 0) throw new CommandFailed(argv, signal ? `was ended by ${signal}` : `failed (exit ${code})`, output);
    return stdout;
  } finally {
    process.off('exit', onExit);
    clearTimeout(timer || undefined);
  }
}

/** The end of a text, indented: what people need to see of a long log. */
export function lastLines(text: string, count = 20): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n');
}
