import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { loadConfiguration, platformPath } from './lib/config/load';
import { explain } from './lib/explained-error';
import { runningImages } from './lib/fleet/running-images';
import { chooseSource } from './lib/images/choose-source';
import { lockText } from './lib/images/lock';
import { imageRequests } from './lib/images/request';
import { resolveImages } from './lib/images/resolve';
import { buildApp } from './lib/stacks/app';
import { readOperatorManifests } from './lib/stacks/operator-manifests';

const outdir = resolve(process.env.CDKTF_OUTDIR || 'cdktf.out');
const lock = join(outdir, 'images.lock.json');

/** Everything that is read or asked comes first; then a tree is built from it and written. */
async function main(): Promise<void> {
  const { platform, tenants } = loadConfiguration();
  const operatorManifests = readOperatorManifests(join(__dirname, 'operator/deploy'));
  const tree = { platform, tenants, operatorManifests, outdir, root: __dirname, platformFile: platformPath(), lock };
  const { IMAGES } = process.env;
  if (IMAGES === 'none') {
    const stale = stackFolders();
    clear();
    buildApp(tree).synth();
    // The CLI removes the folders of stacks that are no more, and fails where they are gone already.
    for (const folder of stale) mkdirSync(folder, { recursive: true });
    return;
  }
  const { source, description } = chooseSource(IMAGES, platform, () => runningImages(platform.cluster));
  // Only now, and before anybody is asked anything: the lock that was just read may lie here.
  clear();
  console.log(`images: ${description}`);
  const images = await resolveImages(imageRequests(platform, tenants), source, platform.registry);
  buildApp({ ...tree, images }).synth();
  writeFileSync(lock, lockText(platform, images));
}

function stackFolders(): string[] {
  const stacks = join(outdir, 'stacks');
  return existsSync(stacks) ? readdirSync(stacks).map((name) => join(stacks, name)) : [];
}

/** Nothing of an earlier run may be left where the next command would deploy it. */
function clear(): void {
  if (!relative(outdir, __dirname).startsWith('..')) {
    throw new Error(`refusing to empty ${outdir} for the output, since this program lies in it`);
  }
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
  clear();
});
