import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuseUnmended } from './lib/cdktf-cli/mend';
import { loadConfiguration, platformPath } from './lib/config/load';
import { readLiveCluster } from './lib/fleet/live-cluster';
import { refuseLost } from './lib/fleet/lost-tenants';
import { runningImagesOf } from './lib/fleet/running-images';
import { chooseSource } from './lib/images/choose-source';
import { lockText } from './lib/images/lock';
import { neededLocks } from './lib/images/needed-locks';
import { proveImages } from './lib/images/provenance/prove-images';
import { imageRequests } from './lib/images/request';
import { resolveImages } from './lib/images/resolve';
import { recordFailure } from './lib/run-report/failure-record';
import { buildApp } from './lib/stacks/app';
import { deployedManifests } from './lib/stacks/deployed-manifests';
import { readOperatorManifests } from './lib/stacks/operator-manifests';
import { ForeignOutput, OutputFolder } from './lib/stacks/output-folder';
import { settled } from './lib/stacks/settled';
import { explain } from './lib/text/explained-error';

const { IMAGES, CONVERGED, CDKTF_OUTDIR } = process.env;
const output = new OutputFolder(CDKTF_OUTDIR || 'cdktf.out', neededLocks([IMAGES, CONVERGED], platformPath()));

/** Everything that is read or asked comes first; then a tree is built from it and written. */
async function main(): Promise<void> {
  output.clear();
  refuseUnmended(__dirname);
  const { platform, tenants } = loadConfiguration();
  if (IMAGES === 'none') {
    buildApp(output.path, platform).synth();
    output.restoreStackFolders();
    return;
  }
  const operatorManifests = readOperatorManifests(join(__dirname, 'operator/deploy'));
  const live = await readLiveCluster(platform.cluster, operatorManifests);
  refuseLost(tenants, live.tenants);
  const { source, description, isLock, notices } = chooseSource(
    IMAGES,
    platform,
    async () => runningImagesOf(live),
    CONVERGED,
  );
  console.log(`images: ${description}`);
  const resolved = await resolveImages(imageRequests(platform, tenants), source, platform.registry);
  for (const line of notices?.() ?? []) console.log(line);
  const images = await proveImages(resolved, platform);
  const deployment = { tenants, images, operatorManifests, live, chosenImages: isLock };
  const app = buildApp(output.path, platform, deployment);
  app.synth();
  writeFileSync(output.lock, lockText(platform, images));
  writeFileSync(output.settled, JSON.stringify(settled(app, deployedManifests(platform, deployment), live)));
}

main().catch((error: unknown) => {
  recordFailure(error);
  console.error(explain(error));
  process.exitCode = 1;
  // Fails closed: there is nothing to deploy, not even half a synth.
  if (!(error instanceof ForeignOutput)) output.clear();
});
