import { dirname, resolve } from 'node:path';
import { shownPath } from '../text/shown-path';
import type { Before } from './platform';
import { type PlatformFile, platformFile } from './platform-file';
import type { Problem } from './problem';
import { validate } from './schema-problems';
import type { PlatformSource } from './sources';
import { YamlFile } from './yaml-file';

/** The environment that a platform file names as `after`, and what the two can't have in common. Its tenants are not looked at. */
export function readAfter({ value, yaml }: PlatformSource, path: string): Before | Problem[] | undefined {
  if (value.after === undefined) return undefined;
  const file = resolve(dirname(path), value.after);
  if (file === resolve(path))
    return [yaml.problem(['after'], 'names this file itself: name that of another environment')];
  const read = YamlFile.read(file);
  const before = Array.isArray(read) ? read : validate(platformFile, read);
  if (Array.isArray(before)) return before;
  const shared = inCommon({ value, path }, { value: before, path: file }).map(([key, why]) =>
    yaml.problem([key], `"${key}" is that of ${shownPath(file)} too: ${why}`),
  );
  if (shared.length > 0) return shared;
  const { account, region } = before.registry;
  return { file: shownPath(file), name: before.name, registry: { account, region } };
}

interface Environment {
  readonly value: PlatformFile;
  readonly path: string;
}

/** By key, why each environment needs its own. */
function inCommon(one: Environment, other: Environment): [keyof PlatformFile, string][] {
  const keys: [keyof PlatformFile, (environment: Environment) => string, string][] = [
    ['name', ({ value }) => value.name, 'roles and states are named after it, so give this environment another'],
    ['cluster', clusterOf, 'each environment needs a cluster of its own'],
    [
      'tenants',
      ({ value, path }) => resolve(dirname(path), value.tenants),
      'a host leads to one cluster alone, so give the tenants of this environment a folder of their own',
    ],
  ];
  return keys.filter(([, of]) => of(one) === of(other)).map(([key, , why]) => [key, why]);
}

function clusterOf({ value: { cluster, registry }, path }: Environment): string {
  const { eks, kubeconfig = '', context = '' } = cluster;
  return eks === undefined
    ? `${resolve(dirname(path), kubeconfig)} ${context}`
    : `${registry.account} ${registry.region} ${eks}`;
}
