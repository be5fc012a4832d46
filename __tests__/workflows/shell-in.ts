import { execFile } from 'node:child_process';
import type { Checkout, Run } from '../e2e/checkout';

/** Runs the scripts of a job in a folder, without a platform. */
export function shellIn(cwd: string): Pick<Checkout, 'run'> {
  return {
    run: (command, { env = {} } = {}) =>
      new Promise<Run>((resolve) => {
        const [program = '', ...args] = command.split(' ');
        execFile(program, args, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
          const output = stdout + stderr;
          resolve({ exitCode: error ? Number(error.code) : 0, stdout, output, text: output });
        });
      }),
  };
}
