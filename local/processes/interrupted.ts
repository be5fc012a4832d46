import { ExplainedError } from '../../lib/text/explained-error';
/** Thrown when someone asked, by Ctrl-C for one, not to go on. */
export class Interrupted extends ExplainedError {
  override readonly name = 'Interrupted';
}

/** What `work` comes to, unless `signal` is raised first. */
export async function unlessInterrupted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return work;
  work.catch(() => undefined);
  const done = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    const interrupt = () => reject(new Interrupted('interrupted'));
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    done.abort();
  }
}
