import { join } from 'node:path';
import type { Progress } from '../processes/progress';
import type { Artefact } from './artefact';
import { isExecutable } from './executable';
import { ETCD, type GoTool, goToolArtefact, KUBE_APISERVER } from './go-tool';
import { type KubernetesProvider, obtainProvider, wantedProvider } from './kubernetes-provider';
import { motoEnvironment, pythonIn } from './moto-environment';
import { checkPrerequisites } from './prerequisites';
import { standIn } from './provider-artefacts';
import { WrongSetting } from './wrong-setting';

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
  const { python } = await checkPrerequisites({ go: builds || (wanted === 'stand-in' && !standIn().exists) });

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
      provider: await obtainProvider(progress, wanted),
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
      throw new WrongSetting('KUBEBUILDER_ASSETS', assets, `a folder without ${tool.name}. Mend it or unset it.`);
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
