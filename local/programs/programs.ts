import { join } from 'node:path';
import type { Progress } from '../processes/progress';
import type { Artefact } from './artefact';
import { isExecutable } from './executable';
import {
  ETCD,
  type GoTool,
  goToolArtefact,
  KUBE_APISERVER,
  KUBE_CONTROLLER_MANAGER,
  KUBE_SCHEDULER,
  KWOK,
} from './go-tool';
import { type KubernetesProvider, obtainProvider, wantedProvider } from './kubernetes-provider';
import { postgresql } from './postgresql';
import { checkPrerequisites } from './prerequisites';
import { standIn } from './provider-artefacts';
import { motoEnvironment, operatorEnvironment, pythonIn } from './python-environment';
import { WrongSetting } from './wrong-setting';

/** What the platform's processes are started from. */
export interface Programs {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kwok: string;
  /** The folder with PostgreSQL's `bin`. */
  readonly postgresql: string;
  /** The Python that has moto. */
  readonly motoPython: string;
  /** The Python that has what the operator imports. */
  readonly operatorPython: string;
  readonly provider: KubernetesProvider;
}

/** Checks what the machine must bring, then gets everything else: from the cache, or built and downloaded into it once. */
export async function obtainPrograms(progress: Progress): Promise<Programs> {
  // In an order in which little is compiled twice: the three of Kubernetes share most of their packages.
  const etcd = assetOrBuilt(ETCD);
  const kubeApiserver = assetOrBuilt(KUBE_APISERVER);
  const kubeControllerManager = built(KUBE_CONTROLLER_MANAGER);
  const kubeScheduler = built(KUBE_SCHEDULER);
  const kwok = built(KWOK);
  const wanted = wantedProvider();
  const all = [etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kwok];
  const builds = all.some(({ artefact }) => artefact && !artefact.exists);
  const { python } = await checkPrerequisites({ go: builds || (wanted === 'stand-in' && !standIn().exists) });

  const [goPrograms, pythons, postgres] = await Promise.all([
    // One after the other: Go uses all cores for one build already.
    obtainGoPrograms(),
    obtainPythons(),
    obtain(postgresql(), 'PostgreSQL: unpacking', progress),
  ]);
  return { ...goPrograms, ...pythons, postgresql: postgres };

  async function obtainGoPrograms() {
    return {
      etcd: await etcd.obtain(progress),
      kubeApiserver: await kubeApiserver.obtain(progress),
      kubeControllerManager: await kubeControllerManager.obtain(progress),
      kubeScheduler: await kubeScheduler.obtain(progress),
      kwok: await kwok.obtain(progress),
      provider: await obtainProvider(progress, wanted),
    };
  }

  async function obtainPythons() {
    const moto = motoEnvironment(python);
    const operator = operatorEnvironment(python);
    return {
      motoPython: pythonIn(await obtain(moto, `${moto.name}: installing`, progress)),
      operatorPython: pythonIn(await obtain(operator, `${operator.name}: installing`, progress)),
    };
  }
}

interface Program {
  /** What has to be made for it; none where the machine brings it. */
  readonly artefact?: Artefact;
  obtain(progress: Progress): Promise<string>;
}

/** From KUBEBUILDER_ASSETS, the convention for folders with etcd and kube-apiserver, or built. */
function assetOrBuilt(tool: GoTool): Program {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (!assets) return built(tool);
  const path = join(assets, tool.name);
  if (!isExecutable(path)) {
    throw new WrongSetting('KUBEBUILDER_ASSETS', assets, `a folder without ${tool.name}. Mend it or unset it.`);
  }
  return { obtain: async () => path };
}

/** From the module that pins it. */
function built(tool: GoTool): Program {
  const artefact = goToolArtefact(tool);
  const what = `${artefact.name}: building (minutes, once on this machine)`;
  return { artefact, obtain: async (progress) => join(await obtain(artefact, what, progress), tool.name) };
}

async function obtain(artefact: Artefact, what: string, progress: Progress): Promise<string> {
  return artefact.exists ? artefact.path : progress.during(what, () => artefact.obtain());
}
