import { createHash } from 'node:crypto';
import type { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { TerraformStack } from 'cdktf';
import type { Cluster } from '../config/platform';
import { clusterProviders } from './cluster-provider';

/**
 * Never fewer: the state of a tenant whose file is gone still names its lane, and could not be destroyed without it.
 * More brings little: with 16 a run is limited by the processor.
 */
const LANES = 16;

/**
 * The Kubernetes provider sends at most 5 requests a second and has no setting for it, but each alias is a process with a limiter
 * of its own. A tenant's lane follows from its name alone, so that it never changes.
 */
export class Lanes {
  private readonly providers: readonly KubernetesProvider[];

  constructor(stack: TerraformStack, cluster: Cluster) {
    const provider = clusterProviders(stack, cluster);
    this.providers = Array.from({ length: LANES }, (_, lane) => provider(`lane${lane}`));
  }

  of(tenant: string): KubernetesProvider {
    const lane = createHash('sha256').update(tenant).digest().readUInt32BE() % LANES;
    return this.providers[lane] as KubernetesProvider;
  }
}
