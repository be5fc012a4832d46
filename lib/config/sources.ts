import type { Before } from './platform';
import type { PlatformFile } from './platform-file';
import type { Problem } from './problem';
import type { TenantFile } from './tenant-file';
import type { YamlFile } from './yaml-file';

/** A platform file that holds against its schema. */
export interface PlatformSource {
  readonly yaml: YamlFile;
  readonly value: PlatformFile;
  /** The environment that it names as `after`. */
  readonly before?: Before;
}

/** A tenant's file that holds against its schema. */
export interface TenantSource {
  readonly name: string;
  readonly yaml: YamlFile;
  readonly value: TenantFile;
}

/** A platform file and its tenants, all of which hold. */
export interface Sources {
  /** Of the platform file. */
  readonly path: string;
  readonly platform: PlatformSource;
  /** Sorted by name. */
  readonly tenants: readonly TenantSource[];
}

/** What no schema of one file can see. */
export type Check = (platform: PlatformSource, tenants: readonly TenantSource[]) => Problem[];
