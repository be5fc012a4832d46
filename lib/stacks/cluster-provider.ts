import { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { KubernetesProvider, type KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn, type TerraformStack } from 'cdktf';
import { eksToken } from '../aws/eks-token';
import type { Cluster } from '../config/platform';

/**
 * Gives a stack Kubernetes providers for its cluster: the function makes one for each alias that it is called with. For EKS they take a
 * fresh token from `aws eks get-token` whenever they need one, so that no token outlives its quarter of an hour in a plan.
 */
export function clusterProviders(stack: TerraformStack, cluster: Cluster): (alias?: string) => KubernetesProvider {
  const connection = 'eks' in cluster ? eksConnection(stack, cluster) : kubeconfigConnection(cluster);
  return (alias) =>
    new KubernetesProvider(stack, alias ?? 'kubernetes', alias === undefined ? connection : { ...connection, alias });
}

function eksConnection(
  stack: TerraformStack,
  { eks, region }: { eks: string; region: string },
): KubernetesProviderConfig {
  new AwsProvider(stack, 'aws', { region });
  const cluster = new DataAwsEksCluster(stack, 'cluster', { name: eks });
  return {
    host: cluster.endpoint,
    clusterCaCertificate: Fn.base64decode(cluster.certificateAuthority.get(0).data),
    exec: [eksToken({ eks, region })],
  };
}

function kubeconfigConnection({
  kubeconfig,
  context,
}: {
  kubeconfig: string;
  context?: string;
}): KubernetesProviderConfig {
  return { configPath: kubeconfig, ...(context === undefined ? {} : { configContext: context }) };
}
