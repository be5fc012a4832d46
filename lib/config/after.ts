import { existsSync } from 'node:fs';
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
  if (!existsSync(file)) return [yaml.problem(['after'], `names ${shownPath(file)}, and there is no such file`)];
  const read = YamlFile.read(file);
  const before = Array.isArray(read) ? read : validate(platformFile, read);
  if (Array.isArray(before)) return before;
  const shared = inCommon({ value, path }, { value: before, path: file }).map(([key, why]) =>
    yaml.problem([key], `"${key}" is that of ${shownPath(file)} too: ${why}`),
  );
  if (shared.length > 0) return shared;
  if (leadsTo(file, resolve(path))) {
    const why = `${shownPath(file)} comes after this file itself, so neither would ever take a new image: take "after" out of one`;
    return [yaml.problem(['after'], why)];
  }
  const { account, region } = before.registry;
  return { file: shownPath(file), name: before.name, registry: { account, region } };
}

/** Whether a platform file comes after another, however many are between them. What else is wrong with those between is said where they are deployed. */
function leadsTo(from: string, to: string, passed = new Set<string>()): boolean {
  const read = passed.has(from) ? [] : YamlFile.read(from);
  const after = Array.isArray(read) ? undefined : (read.value as { readonly after?: unknown }).after;
  if (typeof after !== 'string') return false;
  const next = resolve(dirname(from), after);
  return next === to || leadsTo(next, to, passed.add(from));
}

interface Environment {
  readonly value: PlatformFile;
  readonly path: string;
}

/** By key, why each environment needs its own. */
function inCommon(one: Environment, other: Environment): [keyof PlatformFile, string][] {
  const keys: [keyof PlatformFile, (environment: Environment) => string | undefined, string][] = [
    ['name', ({ value }) => value.name, 'roles and states are named after it, so give this environment another'],
    ['cluster', clusterOf, 'each environment needs a cluster of its own'],
    [
      'environment',
      ({ value }) => value.environment,
      'AWS would take the deploys of one for those of the other, so give this environment a GitHub environment of its own',
    ],
    [
      'tenants',
      ({ value, path }) => resolve(dirname(path), value.tenants),
      'a host leads to one cluster alone, so give the tenants of this environment a folder of their own',
    ],
  ];
  return keys.filter(([, of]) => of(one) !== undefined && of(one) === of(other)).map(([key, , why]) => [key, why]);
}

function clusterOf({ value: { cluster, registry }, path }: Environment): string {
  const { eks, kubeconfig = '', context = '' } = cluster;
  return eks === undefined
    ? `${resolve(dirname(path), kubeconfig)} ${context}`
    : `${registry.account} ${registry.region} ${eks}`;
}
