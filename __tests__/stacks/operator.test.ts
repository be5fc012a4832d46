import { join } from 'node:path';
import { App, Testing } from 'cdktf';
import { commitOf } from '../../lib/images/pinned-image';
import { OperatorStack } from '../../lib/stacks/operator';
import { readOperatorManifests } from '../../lib/stacks/operator-manifests';
import { pinnedOperator } from '../../lib/stacks/pinned-operator';
import { imagesFor, PLATFORM, tenant } from './pinned-platform';

interface ManifestResource {
  readonly manifest: {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly spec?: Record<string, unknown>;
  };
  readonly depends_on?: readonly string[];
  readonly [key: string]: unknown;
}

const manifests = readOperatorManifests(join(__dirname, '../../operator/deploy'));
const images = imagesFor([tenant('amber')]);
const live = ['apiVersion=apps/v1,kind=Deployment,namespace=tenantry-system,name=tenantry-operator'];
const stack = new OperatorStack(new App({ outdir: '/nowhere' }), 'operator', {
  platform: PLATFORM,
  manifests: pinnedOperator(manifests, PLATFORM, images),
  live,
});
const synthesized: { resource: { kubernetes_manifest: Record<string, ManifestResource> }; import: object[] } =
  JSON.parse(Testing.synth(stack, true));
const resources = Object.values(synthesized.resource.kubernetes_manifest);
const find = (kind: string) => resources.find(({ manifest }) => manifest.kind === kind) as ManifestResource;

describe('the operator stack', () => {
  test('applies every object of operator/deploy, as it stands there but for the image of the operator', () => {
    const others = (objects: readonly { kind: string }[]) =>
      objects.filter(({ kind }) => !['Deployment', 'PodTemplate'].includes(kind));

    expect(resources).toHaveLength(manifests.length);
    expect(others(resources.map(({ manifest }) => manifest))).toEqual(expect.arrayContaining(others(manifests)));
  });

  test('pins the operator by digest and says on its pods which commit and release that is', () => {
    const operator = images.findOperator();

    expect(find('Deployment').manifest.spec).toMatchObject({
      template: {
        metadata: { labels: { 'git.sha': commitOf(operator), 'tenantry.dev/release': 'releases-0.0.2' } },
        spec: {
          containers: [
            { image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry-operator@${operator.digest}` },
          ],
        },
      },
    });
  });

  test('says to the admission policy from which repository alone images of the operator come', () => {
    const { template } = find('PodTemplate').manifest as unknown as { template: { spec: { containers: object[] } } };

    expect(template.spec.containers).toEqual([
      expect.objectContaining({ image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/tenantry-operator' }),
    ]);
  });

  test('never waits on anything, least of all on the Tenant definition, and never replaces that', () => {
    for (const resource of resources) expect(resource).not.toHaveProperty('wait');
    expect(find('CustomResourceDefinition')).toMatchObject({ lifecycle: { prevent_destroy: true } });
  });

  test('makes the namespace before what lies in it', () => {
    const inside = resources.filter(({ manifest }) => manifest.metadata.namespace !== undefined);

    expect(inside.length).toBeGreaterThan(0);
    for (const { depends_on } of inside) expect(depends_on).toContain('kubernetes_manifest.Namespace-tenantry-system');
  });

  test('makes the operator once all else is there, and before the policy is in force that compares it with a template', () => {
    const address = ({ manifest: { kind, metadata } }: ManifestResource) =>
      `kubernetes_manifest.${kind}-${metadata.name.replaceAll('.', '')}`;
    const operator = find('Deployment');
    const policies = resources.filter(({ manifest }) => 'paramRef' in (manifest.spec ?? {}));

    expect(policies).toHaveLength(1);
    for (const policy of policies) expect(policy.depends_on).toContain(address(operator));
    const others = resources.filter((one) => one !== operator && !policies.includes(one));
    expect([...(operator.depends_on ?? [])].sort()).toEqual(others.map(address).sort());
  });

  test('adopts what the cluster has', () => {
    expect(synthesized.import).toEqual([{ to: 'kubernetes_manifest.Deployment-tenantry-operator', id: live[0] }]);
  });
});
