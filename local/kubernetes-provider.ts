import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import providerPackage from '@cdktf/provider-kubernetes/package.json';
import { Artefact } from './artefact';
import { goBuild } from './go-tool';
import { goPlatform } from './go-platform';
import { type Progress } from './progress';
import { run } from './run';

export type ProviderKind = 'real' | 'stand-in';

/** hashicorp/kubernetes, in the version that its bindings here were made for, or what stands in for it. */
export interface KubernetesProvider {
  readonly kind: ProviderKind;
  readonly address: string;
  readonly version: string;
  /** A Terraform filesystem mirror that has it. */
  readonly mirror: string;
}

/** Thrown when the provider that was asked for can't be had. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';

  constructor(
    readonly kind: ProviderKind,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`The ${kind} Kubernetes provider can't be had: ${reason}`, options);
  }
}

const { name: ADDRESS, version: VERSION } = providerPackage.cdktf.provider;

/** Enough for a download over a slow line; a registry that can't be reached is given up much sooner, by Terraform itself. */
const DOWNLOAD_TIMEOUT = 120_000;

const STAND_IN_FLAGS = ['-trimpath', '-ldflags=-s -w'];

/** What TENANTRY_KUBERNETES_PROVIDER asks for; undefined leaves the choice to what can be had. */
export function wantedProvider(): ProviderKind | undefined {
  const wanted = process.env.TENANTRY_KUBERNETES_PROVIDER || undefined;
  if (wanted === undefined || wanted === 'real' || wanted === 'stand-in') return wanted;
  throw new Error(`TENANTRY_KUBERNETES_PROVIDER is "${wanted}". Set it to "real" or "stand-in", or unset it.`);
}

/** Where Terraform itself would look first. */
export function pluginsFolder(): string {
  return join(homedir(), '.terraform.d', 'plugins');
}

/** The provider as far as it is on this machine already: nothing is built or downloaded. */
export function presentProvider(wanted = wantedProvider()): KubernetesProvider | undefined {
  if (wanted !== 'stand-in') {
    if (mirrorHasProvider(pluginsFolder())) return provider('real', pluginsFolder());
    if (realProvider().exists) return provider('real', realProvider().path);
  }
  return wanted === 'stand-in' && standIn().exists ? provider('stand-in', standIn().path) : undefined;
}

/** The real provider where it can be had, else the stand-in. */
export async function obtainProvider(progress: Progress, wanted = wantedProvider()): Promise<KubernetesProvider> {
  const present = presentProvider(wanted);
  if (present) return present;
  if (wanted === 'stand-in') return obtainStandIn(progress);

  const what = `${ADDRESS} ${VERSION}: downloading`;
  try {
    return provider('real', await progress.during(what, () => realProvider().obtain()));
  } catch (error) {
    const reason = `its registry did not give it. Put it into ${pluginsFolder()}, or unset TENANTRY_KUBERNETES_PROVIDER.`;
    if (wanted === 'real') throw new ProviderUnavailable('real', reason, { cause: error });
    return obtainStandIn(progress);
  }
}

function provider(kind: ProviderKind, mirror: string): KubernetesProvider {
  return { kind, address: ADDRESS, version: VERSION, mirror };
}

async function obtainStandIn(progress: Progress): Promise<KubernetesProvider> {
  const artefact = standIn();
  return provider(
    'stand-in',
    artefact.exists
      ? artefact.path
      : await progress.during('the stand-in for the Kubernetes provider: building', () => artefact.obtain()),
  );
}

/** Both layouts of a Terraform mirror: a folder with the binary in it, or a zip file. */
function mirrorHasProvider(mirror: string): boolean {
  const folder = join(mirror, ADDRESS);
  return (
    existsSync(join(folder, VERSION, goPlatform())) ||
    existsSync(join(folder, `terraform-provider-kubernetes_${VERSION}_${goPlatform()}.zip`))
  );
}

function realProvider(): Artefact {
  return new Artefact(`terraform-provider-kubernetes-${VERSION}`, [ADDRESS, goPlatform()], async (output, scratch) => {
    const required = `terraform {\n  required_providers {\n    kubernetes = {\n      source  = "${ADDRESS}"\n      version = "${VERSION}"\n    }\n  }\n}\n`;
    writeFileSync(join(scratch, 'versions.tf'), required);
    writeFileSync(join(scratch, 'terraform.rc'), '');
    await run(['terraform', 'providers', 'mirror', `-platform=${goPlatform()}`, output], {
      cwd: scratch,
      env: {
        ...process.env,
        TF_CLI_CONFIG_FILE: join(scratch, 'terraform.rc'),
        TF_REGISTRY_DISCOVERY_RETRY: '0',
        CHECKPOINT_DISABLE: '1',
      },
      timeout: DOWNLOAD_TIMEOUT,
    });
  });
}

/** Whether the stand-in was built before. */
export function standInExists(): boolean {
  return standIn().exists;
}

function standIn(): Artefact {
  const folder = join(__dirname, 'provider-stand-in');
  const sources = readdirSync(folder)
    .filter((name) => /\.(go|mod|sum)$/.test(name) && !name.endsWith('_test.go'))
    .sort();
  const determinedBy = sources.flatMap((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  return new Artefact(
    `terraform-provider-kubernetes-stand-in-${VERSION}`,
    [...determinedBy, ...STAND_IN_FLAGS, VERSION, goPlatform()],
    async (output, scratch) => {
      const bin = join(output, ADDRESS, VERSION, goPlatform());
      mkdirSync(bin, { recursive: true });
      const binary = join(bin, `terraform-provider-kubernetes_v${VERSION}`);
      await goBuild({ folder, package: '.', flags: STAND_IN_FLAGS, output: binary, scratch });
    },
  );
}
