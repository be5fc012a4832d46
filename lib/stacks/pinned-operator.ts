import type { Platform } from '../config/platform';
import { releaseTag } from '../config/release';
import type { KubernetesObject } from '../fleet/kubernetes-object';
import type { ImageSet } from '../images/image-set';
import { commitOf } from '../images/pinned-image';

/** What stands in the Deployment's manifest where the pinned image goes. */
const PLACEHOLDER = 'tenantry-operator';

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

/** The operator's objects, its Deployment with the digest in place of the placeholder and labels that say which commit that is. */
export function pinnedOperator(
  manifests: readonly KubernetesObject[],
  platform: Platform,
  images: ImageSet,
): KubernetesObject[] {
  return manifests.map((object) =>
    object.kind === 'Deployment' ? pinned(object as Deployment, platform, images) : object,
  );
}

function pinned(deployment: Deployment, platform: Platform, images: ImageSet): KubernetesObject {
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
