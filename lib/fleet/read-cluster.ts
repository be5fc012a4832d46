import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../config/platform';
import { type ClusterClient, clusterClient, DEADLINE } from './cluster-client';
import { ClusterUnreadable } from './cluster-unreadable';

/**
 * Reads something of a cluster; undefined where it has no such thing. An API server that says when to come back (for a moment after a
 * definition was made, or under load) is asked again then.
 *
 * @throws ClusterUnreadable when the cluster does not answer, or refuses.
 */
export async function readCluster<Answer>(
  cluster: Cluster,
  what: string,
  read: (client: ClusterClient) => Promise<Answer>,
): Promise<Answer | undefined> {
  const deadline = Date.now() + DEADLINE;
  try {
    const client = await clusterClient(cluster);
    for (;;) {
      const answer = await read(client).catch(comeBack);
      if (!(answer instanceof ComeBack)) return answer;
      if (Date.now() + answer.milliseconds > deadline) throw answer.error;
      await sleep(answer.milliseconds);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return undefined;
    throw new ClusterUnreadable(cluster, what, error);
  }
}

class ComeBack {
  constructor(
    readonly milliseconds: number,
    readonly error: unknown,
  ) {}
}

function comeBack(error: unknown): ComeBack {
  const milliseconds = retryAfter(error);
  if (milliseconds !== undefined) return new ComeBack(milliseconds, error);
  throw error;
}

/** Milliseconds after which an API server that refused wants to be asked again; undefined where it did not say. */
export function retryAfter(error: unknown): number | undefined {
  const { code, headers } = error as { code?: unknown; headers?: Readonly<Record<string, unknown>> };
  const seconds = Number(headers?.['retry-after']);
  return (code === 429 || code === 503) && seconds > 0 ? seconds * 1000 : undefined;
}
