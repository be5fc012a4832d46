import type { KubernetesObject as ClientObject } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Cluster } from '../config/platform';
import { apiGroups } from './api-groups';
import type { ClusterClient } from './cluster-client';
import type { KubernetesObject } from './kubernetes-object';
import { readCluster } from './read-cluster';

/**
 * Those of some objects that a cluster has, as it has them. Neither what is not there nor what the cluster has no kind for is any.
 *
 * @throws ClusterUnreadable when the cluster does not answer, refuses, or is none.
 */
export async function existingObjects(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const found = await readCluster(cluster, "the operator's objects", async (client) => {
    // Asked before, since from here on a 404 says that there is no such object.
    await apiGroups(client);
    return Promise.all(objects.map((object) => existing(client, object)));
  });
  return (found ?? []).filter((object) => object !== undefined);
}

async function existing(
  { objects }: ClusterClient,
  { apiVersion, kind, metadata: { name, namespace } }: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  try {
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    return asWritten(await objects.read({ apiVersion, kind, metadata }));
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    // The client's own words for a kind that the group has not.
    if (code === 404 || message?.startsWith('Unrecognized API version and kind')) return undefined;
    throw error;
  }
}

/** The client has names of its own for some keys, such as those that begin with `x-kubernetes-`, and dates for times. */
async function asWritten(object: ClientObject): Promise<KubernetesObject> {
  const { dumpYaml } = await import('@kubernetes/client-node');
  return parse(dumpYaml(object));
}
