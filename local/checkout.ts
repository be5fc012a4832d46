import { join, resolve } from 'node:path';
import { type Configuration, loadConfiguration } from '../lib/config/load';
import type { Platform } from '../lib/config/platform';
import type { Tenant } from '../lib/config/tenant';
import { createRepositories, type LocalRegistry, localRegistry } from './local-registry';
import { NotRunning } from './platform/not-running';
import { status, up } from './platform/platform';
import type { PlatformRecord } from './platform/platform-record';

/** This checkout. */
export const DIRECTORY = resolve(__dirname, '..');

/** What a checkout's platform is like. What it's made of lies in `.local/`. */
function configuration(directory: string): Configuration {
  return loadConfiguration(join(directory, 'local', 'platform.yaml'));
}

/** A running platform together with what the platform file says about it. */
export interface RunningPlatform {
  readonly platform: Platform;
  readonly tenants: readonly Tenant[];
  readonly record: PlatformRecord;
  readonly registry: LocalRegistry;
}

export interface BringUpOptions {
  readonly attached?: boolean;
  readonly signal?: AbortSignal;
}

/** Brings a checkout's platform up, or finds it running; its ECR has a repository for every service afterwards. */
export async function bringUp(directory: string, options: BringUpOptions = {}): Promise<RunningPlatform> {
  const { platform, tenants } = configuration(directory);
  const { account, region } = platform.registry;
  const record = await up({ directory, account, region, ...options });
  const registry = localRegistry(record, platform);
  await createRepositories(registry);
  return { platform, tenants, record, registry };
}

/** A checkout's platform, which must run already. */
export async function runningRecord(directory: string): Promise<PlatformRecord> {
  const { platform, ended } = await status(directory);
  if (!platform) throw new NotRunning(ended?.reason);
  return platform;
}

export async function runningPlatform(directory: string): Promise<RunningPlatform> {
  const record = await runningRecord(directory);
  const { platform, tenants } = configuration(directory);
  return { platform, tenants, record, registry: localRegistry(record, platform) };
}
