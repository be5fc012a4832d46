import { z } from 'zod';
import type { Platform } from '../config/platform';
import { readObject } from './read-object';
import { stateKey } from './state-key';
import { withS3 } from './with-s3';

/** What a state says there is, as far as it is read. */
export interface StoredState {
  /** By its name, the manifest with which each Kubernetes object was applied last. */
  readonly manifests: Readonly<Record<string, unknown>>;
  /** Whether Terraform would do something about one of them by itself: replace what is tainted, delete what was deposed. */
  readonly isWhole: boolean;
}

/** Version 4 of the format of Terraform 1.x. A value whose type the provider leaves open stands beside its type. */
const stored = z.object({
  version: z.literal(4),
  resources: z.array(
    z.object({
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      instances: z.array(
        z.object({
          status: z.string().optional(),
          deposed: z.string().optional(),
          attributes: z.object({ manifest: z.object({ value: z.unknown() }).optional() }).optional(),
        }),
      ),
    }),
  ),
});

/**
 * The state of a stack; undefined where there is none, or none that is understood.
 *
 * @throws StateBucketProblem
 */
export async function readState(
  platform: Pick<Platform, 'name' | 'registry' | 'state'>,
  stack: string,
): Promise<StoredState | undefined> {
  const found = await withS3(platform, (s3) => readObject(s3, platform, stateKey(platform, stack)));
  const state = stored.safeParse(parsed(found?.text ?? '')).data;
  if (!state) return undefined;
  const objects = state.resources.filter(({ mode, type }) => mode === 'managed' && type === 'kubernetes_manifest');
  return {
    manifests: Object.fromEntries(
      objects.map(({ name, instances: [one] }) => [name, one?.attributes?.manifest?.value]),
    ),
    isWhole: objects.every(({ instances: [one, ...more] }) => one && more.length === 0 && !one.status && !one.deposed),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
