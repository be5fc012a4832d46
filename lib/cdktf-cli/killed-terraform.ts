import type { Flaw } from './flaw';

/**
 * `cdktf deploy` runs Terraform in a pseudo-terminal, and looks at its exit code alone. That is 0 where a signal killed it (`kill -9`, the kernel
 * when memory is short): the state is locked, half of the tenants are updated, and cdktf says "No outputs found." and ends with 0
 * (`spawnPty` in @cdktf/cli-core/src/lib/models/pty-process.ts; `onExit` of node-pty gives the signal beside the code). It is mended where the
 * two come from: as a shell does, 128 and the signal's number.
 */
export const KILLED_TERRAFORM: Flaw = {
  file: '@cdktf/node-pty-prebuilt-multiarch/lib/terminal.js',
  wrong: 'fire({ exitCode: exitCode, signal: signal })',
  right: 'fire({ exitCode: signal ? 128 + signal : exitCode, signal: signal })',
  effect: 'end with 0 although its Terraform was killed',
  look: 'how it tells of an exit',
};
