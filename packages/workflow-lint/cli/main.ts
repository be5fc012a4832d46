import { explain } from '@tenantry/text/explained-error';
import { Command, CommanderError } from 'commander';
import { setUpLint } from './lint';

// A reader that has seen enough, such as head, closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

setUpLint(new Command('tenantry-lint'))
  .exitOverride()
  .parseAsync()
  .catch((error: unknown) => {
    if (!(error instanceof CommanderError)) console.error(explain(error));
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  });
