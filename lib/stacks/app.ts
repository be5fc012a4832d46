import { relative } from 'node:path';
import { App } from 'cdktf';
import type { Platform } from '../config/platform';
import type { Tenant } from '../config/tenant';
import type { ImageSet } from '../images/image-set';
import { OperatorStack } from './operator';
import type { KubernetesObject } from './operator-manifests';
import type { OutputFolder } from './output-folder';
import { RegistryStack } from './registry';
import { TenantsStack } from './tenants';

export interface AppProps {
  readonly platform: Platform;
  readonly tenants: readonly Tenant[];
  /** Absent on the day when the registry itself is made, and no image can exist: then there is only the registry stack. */
  readonly images?: ImageSet;
  readonly operatorManifests: readonly KubernetesObject[];
  readonly output: OutputFolder;
  /** Folder of this program. */
  readonly root: string;
  /** The file that `platform` was read from. */
  readonly platformFile: string;
}

/** The whole tree, from data alone: everything that must be read or asked was, before. */
export function buildApp({ platform, tenants, images, operatorManifests, output, root, platformFile }: AppProps): App {
  const app = new App({ outdir: output.path });
  new RegistryStack(app, 'registry', { platform });
  if (!images) return app;

  const operator = new OperatorStack(app, 'operator', { platform, images, manifests: operatorManifests });
  const gates = {
    workingDirectory: relative(`${output.path}/stacks/tenants`, root),
    platformFile: relative(root, platformFile),
    lock: relative(root, output.lock),
  };
  new TenantsStack(app, 'tenants', { platform, tenants, images, gates }).addDependency(operator);
  return app;
}
