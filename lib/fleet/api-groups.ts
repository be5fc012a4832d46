import type { ClusterClient } from './cluster-client';

/** Thrown when what answers is no Kubernetes API. */
export class NoKubernetesApi extends Error {
  override readonly name = 'NoKubernetesApi';

  constructor(why: string, options?: ErrorOptions) {
    super(`this address is not a Kubernetes API (${why}). Look at the server and its path in the kubeconfig`, options);
  }
}

/**
 * The groups of kinds that an API server has, such as `apps`; any user who is known to it may ask.
 *
 * @throws NoKubernetesApi when the answer is none that an API server gives.
 */
export async function apiGroups({ discovery }: Pick<ClusterClient, 'discovery'>): Promise<ReadonlySet<string>> {
  const answer = await discovery.getAPIVersions().catch((cause: { code?: unknown }) => {
    if (cause.code === 404) throw new NoKubernetesApi('it has no /apis', { cause });
    throw cause;
  });
  if (!Array.isArray(answer?.groups)) throw new NoKubernetesApi('its /apis is no list of API groups');
  return new Set(answer.groups.map(({ name }) => name));
}
