import type { KubernetesObject } from '../fleet/kubernetes-object';

/**
 * How an object that exists is named to the Kubernetes provider. A block that imports it is ignored for what is in the state already, and
 * heals a state that was lost, is old, or was not written when the run that made the object was killed.
 */
export function importId({
  apiVersion,
  kind,
  metadata: { name, namespace },
}: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  return `apiVersion=${apiVersion},kind=${kind},${namespace === undefined ? '' : `namespace=${namespace},`}name=${name}`;
}
