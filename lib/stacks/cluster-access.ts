import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { Construct } from 'constructs';
import { DEPLOYER_GROUP, PLANNER_GROUP } from './cluster-groups';

export interface ClusterAccessProps {
  readonly cluster: { readonly eks: string; readonly region: string };
  readonly plannerArn: string;
  readonly deployerArn: string;
}

/**
 * Makes the planner and deployer roles members of their Kubernetes groups. The groups' RBAC is all they can do there: no
 * EKS access policy is attached. The cluster's authentication mode must be API or API_AND_CONFIG_MAP.
 */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { cluster, plannerArn, deployerArn }: ClusterAccessProps) {
    super(scope, id);
    const entry = { clusterName: cluster.eks, region: cluster.region, type: 'STANDARD' };
    new EksAccessEntry(this, 'planner', { ...entry, principalArn: plannerArn, kubernetesGroups: [PLANNER_GROUP] });
    new EksAccessEntry(this, 'deployer', { ...entry, principalArn: deployerArn, kubernetesGroups: [DEPLOYER_GROUP] });
  }
}
