import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { Platform } from '../config/platform';
import { releaseTag } from '../config/release';
import type { ImageSet } from '../images/image-set';
import { commitOf } from '../images/pinned-image';
import { clusterProviders } from './cluster-provider';
import type { KubernetesObject } from './operator-manifests';
import { s3State } from './state-backend';

/** What stands in the Deployment's manifest where the pinned image goes. */
const PLACEHOLDER = 'tenantry-operator';

export interface OperatorStackProps {
  readonly platform: Platform;
  readonly images: ImageSet;
  /** The objects of `operator/deploy`. */
  readonly manifests: readonly KubernetesObject[];
}

/** What the cluster needs before it can have a tenant: the Tenant definition, its deletion policy, access, and the operator. */
export class OperatorStack extends TerraformStack {
  constructor(scope: Construct, id: string, { platform, images, manifests }: OperatorStackProps) {
    super(scope, id);
    s3State(this, platform);
    clusterProviders(this, platform.cluster)();

    const namespaces = manifests.filter(({ kind }) => kind === 'Namespace').map((object) => this.apply(object));
    for (const object of manifests) {
      if (object.kind === 'Namespace') continue;
      const pinned =
        object.kind === 'Deployment'
          ? pin(object as Deployment, platform, images)
          : object.kind === 'PodTemplate'
            ? withRepository(object as PodTemplate, images)
            : object;
      this.apply(pinned, object.metadata.namespace === undefined ? [] : namespaces);
    }
  }

  /**
   * No `wait`: one that fails would taint the object, and the next apply would delete it; for the definition that is every tenant.
   * A rollout that hangs is for `tenantry verify` to see.
   */
  private apply(object: KubernetesObject, dependsOn: Manifest[] = []): Manifest {
    const { kind, metadata } = object;
    return new Manifest(this, `${kind}-${metadata.name}`, {
      manifest: object,
      fieldManager: { forceConflicts: true },
      dependsOn,
      ...(kind === 'CustomResourceDefinition' && { lifecycle: { preventDestroy: true } }),
    });
  }
}

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

interface PodTemplate extends KubernetesObject {
  readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
}

/** How the operator's pods must look, with the repository from which alone its images come in place of the placeholder. */
function withRepository(object: PodTemplate, images: ImageSet): KubernetesObject {
  const { template } = object;
  const [repository] = images.reference(images.findOperator()).split('@');
  const containers = template.spec.containers.map((container) =>
    container.image === PLACEHOLDER ? { ...container, image: repository } : container,
  );
  return { ...object, template: { ...template, spec: { ...template.spec, containers } } };
}

/** The Deployment with the digest in place of the placeholder, and labels that say which commit that is. */
function pin(deployment: Deployment, platform: Platform, images: ImageSet): KubernetesObject {
  const operator = images.findOperator();
  const { template } = deployment.spec;
  const labels = {
    ...template.metadata.labels,
    'git.sha': commitOf(operator),
    'tenantry.dev/release': releaseTag(platform.operator.release),
  };
  const containers = template.spec.containers.map((container) =>
    container.image === PLACEHOLDER ? { ...container, image: images.reference(operator) } : container,
  );
  return {
    ...deployment,
    spec: {
      ...deployment.spec,
      template: { ...template, metadata: { ...template.metadata, labels }, spec: { ...template.spec, containers } },
    },
  };
}
