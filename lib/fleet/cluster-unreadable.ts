import type { Cluster } from '../config/platform';
import { ExplainedError } from '../text/explained-error';
import { plainText } from '../text/harmless';
import { DEADLINE } from './cluster-client';

/** Characters of what the API says that are passed on. */
const LONGEST = 1_000;

/** Thrown when a cluster does not answer, or does not let us read. */
export class ClusterUnreadable extends ExplainedError {
  override readonly name = 'ClusterUnreadable';

  constructor(
    readonly cluster: Cluster,
    what: string,
    cause: unknown,
  ) {
    super(`cannot read ${what} of ${named(cluster)}: ${reason(cause)}`, { cause });
  }
}

function named(cluster: Cluster): string {
  if ('eks' in cluster) return `the EKS cluster ${cluster.eks} in ${cluster.region}`;
  return `the cluster in ${cluster.kubeconfig}${cluster.context === undefined ? '' : `, context ${cluster.context}`}`;
}

function reason(cause: unknown): string {
  const { name, code, message, body } = cause as { name?: string; code?: unknown; message?: string; body?: string };
  if (name === 'AbortError' || name === 'TimeoutError')
    return `it did not answer within ${DEADLINE / 1000} s. Look at its API server`;
  if (code === 401) return 'it does not know these credentials (401). Get new ones, then try again';
  if (code === 403)
    return `it refuses (403): ${messageOf(body)}. Ask a cluster administrator for the group tenantry:planner`;
  if (typeof code === 'number') return `it answered ${code}: ${messageOf(body)}`;
  return String(message ?? cause);
}

/** The API answers with a Status object, whose message says who may not do what. What stands before it may answer with anything. */
function messageOf(body: string | undefined): string {
  try {
    return plainText((JSON.parse(body ?? '') as { message: string }).message, LONGEST);
  } catch {
    return plainText(body ?? '', LONGEST) || 'without a reason';
  }
}
