import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ExplainedError } from '../../lib/text/explained-error';
import type { Progress } from '../processes/progress';
import { findExecutable } from './executable';
import { goPlatform } from './go-platform';
import { GO_MISSING, MissingPrerequisites } from './prerequisites';
import { PROVIDER_ADDRESS, PROVIDER_VERSION, realProvider, standIn } from './provider-artefacts';
import { WrongSetting } from './wrong-setting';

export type ProviderKind = 'real' | 'stand-in';

/** hashicorp/kubernetes, in the version that its bindings here were made for, or what stands in for it. */
export interface KubernetesProvider {
  readonly kind: ProviderKind;
  readonly address: string;
  readonly version: string;
  /** A Terraform filesystem mirror that has it. */
  readonly mirror: string;
  /** Why this one and not the other. */
  readonly because: string;
}

/** Thrown when the real provider is insisted on and can't be had. */
export class ProviderUnavailable extends ExplainedError {
  override readonly name = 'ProviderUnavailable';

  constructor(
    readonly folder: string,
    options?: ErrorOptions,
  ) {
    super(
      `TENANTRY_KUBERNETES_PROVIDER asks for the real ${PROVIDER_ADDRESS} ${PROVIDER_VERSION}, and its registry can not be reached. ` +
        `Put it into ${folder}, or unset the variable.`,
      options,
    );
  }
}

/** What TENANTRY_KUBERNETES_PROVIDER asks for; undefined leaves the choice to what can be had. */
export function wantedProvider(): ProviderKind | undefined {
  const wanted = process.env.TENANTRY_KUBERNETES_PROVIDER || undefined;
  if (wanted === undefined || wanted === 'real' || wanted === 'stand-in') return wanted;
  throw new WrongSetting('TENANTRY_KUBERNETES_PROVIDER', wanted, 'and must be "real" or "stand-in", or unset.');
}

/** Where Terraform itself looks first. */
export function pluginsFolder(): string {
  return join(homedir(), '.terraform.d', 'plugins');
}

/** The real provider where it can be had, else the stand-in, unless one of the two is wanted. */
export async function obtainProvider(
  progress: Progress,
  wanted: ProviderKind | undefined,
): Promise<KubernetesProvider> {
  if (wanted === 'stand-in') return obtainStandIn('TENANTRY_KUBERNETES_PROVIDER asks for it', progress);
  const real = realProvider();
  if (mirrorHasProvider(pluginsFolder())) return provider('real', pluginsFolder(), 'from the plugins folder');
  if (real.exists) return provider('real', real.path, 'downloaded before');
  try {
    const what = `${PROVIDER_ADDRESS} ${PROVIDER_VERSION}: looking for it in its registry`;
    return provider('real', await progress.during(what, () => real.obtain()), 'from its registry');
  } catch (error) {
    if (wanted === 'real') throw new ProviderUnavailable(pluginsFolder(), { cause: error });
    return obtainStandIn('the registry of the real one can not be reached', progress);
  }
}

async function obtainStandIn(because: string, progress: Progress): Promise<KubernetesProvider> {
  const artefact = standIn();
  if (!artefact.exists) {
    // Known only now: while the registry might have given the real one, Go was not needed for it.
    if (!findExecutable('go')) throw new MissingPrerequisites([GO_MISSING]);
    await progress.during('the stand-in for the Kubernetes provider: building', () => artefact.obtain());
  }
  return provider('stand-in', artefact.path, because);
}

function provider(kind: ProviderKind, mirror: string, because: string): KubernetesProvider {
  return { kind, address: PROVIDER_ADDRESS, version: PROVIDER_VERSION, mirror, because };
}

/** Both layouts of a Terraform mirror: a folder with the binary in it, or a zip file. */
function mirrorHasProvider(mirror: string): boolean {
  const folder = join(mirror, PROVIDER_ADDRESS);
  return (
    existsSync(join(folder, PROVIDER_VERSION, goPlatform())) ||
    existsSync(join(folder, `terraform-provider-kubernetes_${PROVIDER_VERSION}_${goPlatform()}.zip`))
  );
}
