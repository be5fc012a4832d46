import { join } from 'node:path';
import type { Artefact } from './artefact';
import { isExecutable } from './executable';
import { ETCD, type GoTool, goToolArtefact, KUBE_APISERVER } from './go-tool';
import {
  type KubernetesProvider,
  obtainProvider,
  presentProvider,
  standInExists,
  wantedProvider,
} from './kubernetes-provider';
import { motoEnvironment, pythonIn } from './moto-environment';
import { checkPrerequisites, GO_MISSING, MissingPrerequisites } from './prerequisites';
import type { Progress } from './progress';
import { findExecutable } from './executable';

/** What the platform's processes are started from. */
export interface Programs {
  readonly etcd: string;
  readonly kubeApiserver: string;
  /** The Python that has moto. */
  readonly python: string;
  readonly provider: KubernetesProvider;
}

/** Checks what the machine must bring, then gets everything else: from the cache, or built and downloaded into it once. */
export async function obtainPrograms(progress: Progress): Promise<Programs> {
  const etcd = controlPlaneProgram(ETCD);
  const kubeApiserver = controlPlaneProgram(KUBE_APISERVER);
  const wanted = wantedProvider();
  const builds = [etcd, kubeApiserver].some(({ artefact }) => artefact && !artefact.exists);
  const { python } = await checkPrerequisites({ go: builds || (wanted === 'stand-in' && !standInExists()) });

  const moto = motoEnvironment(python);
  const [environment, goPrograms] = await Promise.all([
    obtain(moto, `${moto.name}: installing`, progress),
    // One after the other: Go uses all cores for one build already.
    obtainGoPrograms(),
  ]);
  return { ...goPrograms, python: pythonIn(environment) };

  async function obtainGoPrograms() {
    return {
      etcd: await etcd.obtain(progress),
      kubeApiserver: await kubeApiserver.obtain(progress),
      provider: await providerOrMissingGo(progress),
    };
  }
}

interface Program {
  /** What has to be made for it; none where the machine brings it. */
  readonly artefact?: Artefact;
  obtain(progress: Progress): Promise<string>;
}

/** From KUBEBUILDER_ASSETS, the convention for folders with these programs, or from the module that pins it. */
function controlPlaneProgram(tool: GoTool): Program {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets) {
    const path = join(assets, tool.name);
    if (!isExecutable(path)) {
      throw new Error(`KUBEBUILDER_ASSETS is ${assets}, which has no program "${tool.name}". Mend it or unset it.`);
    }
    return { obtain: async () => path };
  }
  const artefact = goToolArtefact(tool);
  const what = `${artefact.name}: building (minutes, once on this machine)`;
  return { artefact, obtain: async (progress) => join(await obtain(artefact, what, progress), tool.name) };
}

async function obtain(artefact: Artefact, what: string, progress: Progress): Promise<string> {
  return artefact.exists ? artefact.path : progress.during(what, () => artefact.obtain());
}

/** Only when the registry did not give the real provider does the stand-in need Go. */
async function providerOrMissingGo(progress: Progress): Promise<KubernetesProvider> {
  try {
    return presentProvider() ?? (await obtainProvider(progress));
  } catch (error) {
    if (!findExecutable('go')) throw new MissingPrerequisites([GO_MISSING]);
    throw error;
  }
}
