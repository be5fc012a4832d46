/** Signals that ask a command in a terminal to end, and the exit codes that say so. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Raised by the first such signal, which then does not end the process at once: what was started is taken down in order. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      process.exitCode = code;
      controller.abort();
    });
  }
  return controller.signal;
}
