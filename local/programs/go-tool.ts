import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../processes/run';
import { Artefact } from './artefact';
import { goPlatform } from './go-platform';

/** A program that is built from a Go module which pins it. */
export interface GoTool {
  readonly name: string;
  /** Folder under `modules/` with go.mod and go.sum. */
  readonly module: string;
  readonly package: string;
  /** The module in go.mod whose version is the program's. */
  readonly versionOf: string;
  readonly linkerFlags?: (version: string) => readonly string[];
}

export const ETCD: GoTool = {
  name: 'etcd',
  module: 'etcd',
  package: 'go.etcd.io/etcd/server/v3',
  versionOf: 'go.etcd.io/etcd/server/v3',
};

export const KUBE_APISERVER = kubernetesTool('kube-apiserver');
export const KUBE_CONTROLLER_MANAGER = kubernetesTool('kube-controller-manager');
export const KUBE_SCHEDULER = kubernetesTool('kube-scheduler');

export const KWOK: GoTool = {
  name: 'kwok',
  module: 'kwok',
  package: 'sigs.k8s.io/kwok/cmd/kwok',
  versionOf: 'sigs.k8s.io/kwok',
};

function kubernetesTool(name: string): GoTool {
  return {
    name,
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    versionOf: 'k8s.io/kubernetes',
    linkerFlags: kubernetesVersionFlags,
  };
}

/** A folder with the program in it, under its own name. */
export function goToolArtefact(tool: GoTool): Artefact {
  const folder = join(__dirname, '../modules', tool.module);
  const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const goSum = readFileSync(join(folder, 'go.sum'), 'utf8');
  const version = requiredVersion(goMod, tool.versionOf);
  const flags = ['-trimpath', `-ldflags=${['-s', '-w', ...(tool.linkerFlags?.(version) ?? [])].join(' ')}`];

  // Go's own version isn't part of the key: it changes nothing that matters here, and a filled cache needs no Go.
  return new Artefact(
    `${tool.name}-${version.slice(1)}`,
    [goMod, goSum, tool.package, ...flags, goPlatform()],
    (output, scratch) => goBuild({ folder, flags, package: tool.package, output: join(output, tool.name), scratch }),
  );
}

export interface GoBuild {
  readonly folder: string;
  readonly package: string;
  readonly flags: readonly string[];
  readonly output: string;
  readonly scratch: string;
}

export async function goBuild({ folder, package: name, flags, output, scratch }: GoBuild): Promise<void> {
  await run(['go', 'build', '-buildvcs=false', '-mod=readonly', ...flags, '-o', output, name], {
    cwd: folder,
    // A workspace around the checkout has no say here; a build that is killed leaves its files in the scratch folder.
    env: { ...process.env, GOWORK: 'off', GOTMPDIR: scratch },
  });
}

/** `v1.34.4` from a go.mod. */
export function requiredVersion(goMod: string, module: string): string {
  const line = goMod.split('\n').find((one) =>
    one
      .trim()
      .replace(/^require /, '')
      .startsWith(`${module} v`),
  );
  const version = line?.match(/ (v\d\S*)/)?.[1];
  if (!version) throw new Error(`go.mod names no version of ${module}`);
  return version;
}

function kubernetesVersionFlags(version: string): string[] {
  const [major, minor] = version.slice(1).split('.');
  const set = (name: string, value = '') => ['-X', `k8s.io/component-base/version.${name}=${value}`];
  return [...set('gitVersion', version), ...set('gitMajor', major), ...set('gitMinor', minor)];
}
