import { existsSync } from 'node:fs';
import { type KubernetesProvider, pluginsFolder } from './kubernetes-provider';

/**
 * Terraform's CLI configuration: the Kubernetes provider from its mirror, everything else as usual. An explicit
 * provider_installation switches off the folder that Terraform looks into by itself, so that is listed too.
 */
export function terraformRc({ address, mirror }: KubernetesProvider, plugins = pluginsFolder()): string {
  const folder = existsSync(plugins) ? filesystemMirror(plugins, `exclude = [${JSON.stringify(address)}]`) : '';
  return `provider_installation {
${filesystemMirror(mirror, `include = [${JSON.stringify(address)}]`)}${folder}  direct {
    exclude = [${JSON.stringify(address)}]
  }
}
`;
}

function filesystemMirror(path: string, filter: string): string {
  return `  filesystem_mirror {
    path    = ${JSON.stringify(path)}
    ${filter}
  }
`;
}
