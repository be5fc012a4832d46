import type { ApisApi, CustomObjectsApi, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { clientSettings } from '../aws/client-settings';
import { eksToken } from '../aws/eks-token';
import type { Cluster } from '../config/platform';

/** Milliseconds that a request to a cluster may take: one that hangs would hold a whole run. */
export const DEADLINE = 30_000;

export interface ClusterClient {
  /** For what the client's APIs can't do: to follow a watch. */
  readonly config: KubeConfig;
  readonly customObjects: CustomObjectsApi;
  /** Objects of any kind. */
  readonly objects: KubernetesObjectApi;
  /** Which groups of kinds the API has. */
  readonly discovery: ApisApi;
}

/**
 * A client for a cluster: from its kubeconfig, or for EKS from AWS, with a token of `aws eks get-token`.
 *
 * @throws Error when the kubeconfig or the EKS cluster can't be read, or the context is not in the kubeconfig.
 */
export async function clusterClient(cluster: Cluster): Promise<ClusterClient> {
  // Loaded on demand: it takes a second, and most runs ask no cluster anything.
  const kubernetes = await import('@kubernetes/client-node');
  const config = new kubernetes.KubeConfig();
  if ('eks' in cluster) await loadFromEks(config, cluster);
  else loadFromFile(config, cluster);
  const configuration = kubernetes.createConfiguration({
    baseServer: new kubernetes.ServerConfiguration(config.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: async (request) => {
          request.setSignal(AbortSignal.timeout(DEADLINE));
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
  return {
    config,
    customObjects: new kubernetes.CustomObjectsApi(configuration),
    objects: new kubernetes.KubernetesObjectApi(configuration),
    discovery: new kubernetes.ApisApi(configuration),
  };
}

function loadFromFile(config: KubeConfig, { kubeconfig, context }: { kubeconfig: string; context?: string }): void {
  config.loadFromFile(kubeconfig);
  if (context === undefined) return;
  const contexts = config.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) {
    throw new Error(`${kubeconfig} has no context "${context}"; it has ${contexts.join(', ') || 'none'}`);
  }
  config.setCurrentContext(context);
}

async function loadFromEks(config: KubeConfig, { eks: name, region }: { eks: string; region: string }): Promise<void> {
  const { DescribeClusterCommand, EKSClient } = await import('@aws-sdk/client-eks');
  const { cluster } = await new EKSClient(clientSettings({ region })).send(new DescribeClusterCommand({ name }));
  if (!cluster?.endpoint)
    throw new Error(`the EKS cluster ${name} has no endpoint yet: it is ${cluster?.status ?? 'unknown'}`);
  config.loadFromOptions({
    clusters: [{ name, server: cluster.endpoint, caData: cluster.certificateAuthority?.data }],
    users: [{ name, exec: { ...eksToken({ eks: name, region }), interactiveMode: 'Never' } }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
}
