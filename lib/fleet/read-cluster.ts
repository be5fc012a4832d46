import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../config/platform';
import { apiGroups, NoKubernetesApi } from './api-groups';
import { type ClusterClient, clusterClient, DEADLINE } from './cluster-client';
import { ClusterUnreadable } from './cluster-unreadable';

/**
 * Reads something of a cluster; undefined where it has no such thing. That is believed of a Kubernetes API alone: whatever else answers at a
 * wrong address answers 404 too, and a platform without tenants is not to be concluded from that. An API server that says when to come back (for a moment after a
 * definition was made, or under load) is asked again then.
 *
 * @throws ClusterUnreadable when the cluster does not answer, or refuses.
 */
export async function readCluster<Answer>(
  cluster: Cluster,
  what: string,
  read: (client: ClusterClient) => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    const client = await clusterClient(cluster);
    try {
      return await patiently(() => read(client));
    } catch (error) {
      if (refusesPath(error))
        throw new NoKubernetesApi('what should name kinds is a mere path to it', { cause: error });
      if ((error as { code?: unknown }).code !== 404) throw error;
      await patiently(() => apiGroups(client));
      return undefined;
    }
  } catch (error) {
    throw new ClusterUnreadable(cluster, what, error);
  }
}

/**
 * Whether an API server refuses a path that it finds no kind in: it says so only of those, and only to users who may not read any path.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go (forbiddenMessage)
 */
function refusesPath(error: unknown): boolean {
  const { code, body } = error as { code?: unknown; body?: unknown };
  return code === 403 && / cannot \w+ path \\?"/.test(String(body));
}

async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + DEADLINE;
  for (;;) {
    const answer = await ask().catch(comeBack);
    if (!(answer instanceof ComeBack)) return answer;
    if (Date.now() + answer.milliseconds > deadline) throw answer.error;
    await sleep(answer.milliseconds);
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
