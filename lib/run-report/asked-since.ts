import { execFileSync } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import { configurationOf } from '../config/load';
import { originsOf } from '../config/origins';
import type { Sources } from '../config/sources';
import { imageRequests, OPERATOR } from '../images/request';
import type { FailedImage } from './failure-record';

/**
 * Since when, at least, the default branch asks for an image: a file that names its release was not changed since. Nobody else can tell: this
 * repository's token sees no run of an application repository, and ECR knows nothing of an image that was never there.
 *
 * @returns undefined where git does not tell.
 */
export function askedSince(image: Pick<FailedImage, 'service' | 'release'>, sources: Sources): Date | undefined {
  const times = filesWithRelease(image, sources).flatMap((file) => lastChange(file) ?? []);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

function filesWithRelease({ service, release }: Pick<FailedImage, 'service' | 'release'>, sources: Sources): string[] {
  if (service === OPERATOR) return [sources.path];
  const { platform, tenants } = configurationOf(sources);
  const request = imageRequests(platform, tenants).find((one) => one.service === service && one.release === release);
  const files = tenants
    .filter(({ name }) => request?.tenants.includes(name))
    .flatMap((tenant) => originsOf(tenant, sources))
    .filter((origin) => origin.service === service && origin.field === 'release')
    .flatMap(({ from }) => (from === 'default' ? [] : [from.file]));
  return [...new Set(files)];
}

/** When it came to the branch, whenever it was written: along first parents that is the merge. */
function lastChange(file: string): number | undefined {
  try {
    const args = ['log', '-1', '--first-parent', '--format=%ct', '--', basename(file)];
    const cwd = dirname(resolve(file));
    const seconds = execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return seconds === '' ? undefined : Number(seconds) * 1_000;
  } catch {
    return undefined;
  }
}
