/**
 * Ends this process once all that it said has been read. Where npm has made a shared pipe non-blocking, `process.exit` alone cuts off what
 * the reader has not taken yet: https://nodejs.org/docs/latest-v20.x/api/process.html#processexitcode
 *
 * @param last - said on standard error.
 */
export function exit(code = process.exitCode ?? 0, last = ''): void {
  process.stdout.write('', () => {
    process.stderr.write(last && `${last}\n`, () => process.exit(code));
  });
}
