import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { Platform } from '../config/platform';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import { clusterProviders } from './cluster-provider';
import { importId } from './import-id';
import { s3State } from './state-backend';

export interface OperatorStackProps {
  readonly platform: Platform;
  /** The objects of `operator/deploy`, with the operator's image. */
  readonly manifests: readonly KubernetesObject[];
  /** Those that the cluster has, as `importId` names them. */
  readonly live: readonly string[];
}

/** What the cluster needs before it can have a tenant: the Tenant definition, its policies, access, and the operator. */
export class OperatorStack extends TerraformStack {
  constructor(scope: Construct, id: string, { platform, manifests, live }: OperatorStackProps) {
    super(scope, id);
    s3State(this, platform);
    clusterProviders(this, platform.cluster)();

    const adopted = new Set(live);
    /**
     * No `wait`: one that fails would taint the object, and the next apply would delete it; for the definition that is every tenant.
     * A rollout that hangs is for `tenantry verify` to see.
     */
    const apply = (object: KubernetesObject, dependsOn: Manifest[] = []) => {
      const { kind, metadata } = object;
      const resource = new Manifest(this, `${kind}-${metadata.name}`, {
        manifest: object,
        fieldManager: { forceConflicts: true },
        dependsOn,
        ...(kind === 'CustomResourceDefinition' && { lifecycle: { preventDestroy: true } }),
      });
      const id = importId(object);
      if (adopted.has(id)) resource.importFrom(id);
      return resource;
    };

    const made: Manifest[][] = [];
    for (const stage of STAGES) {
      const before = made.flat();
      const of = manifests.filter((object) => stageOf(object) === stage);
      made.push(of.map((object) => apply(object, needsOthers(object) ? before : [])));
    }
  }
}

/**
 * What is applied after what. A policy that looks something up refuses every write, whoever writes, until the API server has seen what it looks
 * up; so the first Deployment of the operator is there before such a policy is in force.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
 */
const STAGES = ['namespaces', 'most', 'operator', 'policies that look something up'] as const;

function stageOf(object: KubernetesObject): (typeof STAGES)[number] {
  const { kind, spec } = object as KubernetesObject & { readonly spec?: { readonly paramRef?: unknown } };
  if (kind === 'Namespace') return 'namespaces';
  if (kind === 'Deployment') return 'operator';
  return kind === 'ValidatingAdmissionPolicyBinding' && spec?.paramRef ? 'policies that look something up' : 'most';
}

/** What lies in no namespace needs none, and is applied at once. */
function needsOthers(object: KubernetesObject): boolean {
  return stageOf(object) !== 'most' || object.metadata.namespace !== undefined;
}
