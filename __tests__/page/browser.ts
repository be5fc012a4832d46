import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { Artefact } from '../../local/programs/artefact';
import { devDependencies } from '../../package.json';

const PACKAGE = '@sparticuz/chromium';

/**
 * A real browser without a window: the Chromium of an npm package on Linux, unpacked once into the cache; elsewhere, for which that has no
 * program, the Chrome that is installed.
 */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return chromium.launch({ channel: 'chrome' });
  const folder = await unpacked().obtain();
  const executablePath = join(folder, 'chromium');
  return chromium.launch({ executablePath }).catch((error: Error) => {
    if (!error.message.includes('shared libraries')) throw error;
    // A machine without the libraries of a desktop: the package brings those that Chromium needs.
    return chromium.launch({ executablePath, env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'al2023/lib') } });
  });
}

/** The package unpacks into the folder for temporary files, once for all, even if it was stopped half-way: so it is given a folder of its own. */
function unpacked(): Artefact {
  const version = devDependencies[PACKAGE];
  return new Artefact(`chromium-${version}`, [PACKAGE, version], async (output) => {
    const script = `require('${PACKAGE}').executablePath()`;
    // Only where it takes the machine for one of AWS does it unpack the libraries too.
    const env = { ...process.env, TMPDIR: output, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
    await promisify(execFile)(process.execPath, ['-e', script], { cwd: __dirname, env });
  });
}
