/** How a Kubernetes client gets a token for an EKS cluster, fresh each time it needs one: a credential plugin, as kubeconfigs name them. */
export function eksToken({ eks, region }: { readonly eks: string; readonly region: string }) {
  return {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'aws',
    args: ['eks', 'get-token', '--cluster-name', eks, '--region', region],
  };
}
