import { App, Testing } from 'cdktf';
import type { Platform } from '../../lib/config/platform';
import type { Tenant } from '../../lib/config/tenant';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { TenantsStack } from '../../lib/stacks/tenants';
import { imagesFor, PLATFORM, tenant } from './pinned-platform';

interface Synthesized {
  readonly terraform: { readonly backend: { readonly s3: Record<string, unknown> } };
  readonly provider: { readonly kubernetes: readonly { readonly alias: string }[] };
  readonly data?: Record<string, Record<string, unknown>>;
  readonly resource: {
    readonly kubernetes_manifest: Readonly<Record<string, ManifestResource>>;
    readonly terraform_data?: Readonly<Record<string, { readonly depends_on: readonly string[] }>>;
  };
  readonly import?: readonly object[];
  readonly removed?: readonly object[];
}

interface ManifestResource {
  readonly provider: string;
  readonly depends_on?: readonly string[];
  readonly manifest: { readonly metadata: object; readonly spec: { readonly services: readonly object[] } };
  readonly [key: string]: unknown;
}

interface Cluster {
  readonly live?: readonly string[];
  readonly leaving?: readonly string[];
}

function synthesize(
  tenants: readonly Tenant[],
  platform: Platform = PLATFORM,
  { live = [], leaving = [] }: Cluster = {},
): Synthesized {
  const app = new App({ outdir: '/nowhere' });
  const images = imagesFor(tenants);
  const manifests = tenants.map((one) => tenantManifest(one, images));
  return JSON.parse(Testing.synth(new TenantsStack(app, 'tenants', { platform, manifests, live, leaving }), true));
}

const fleet = [tenant('amber', 'canary'), tenant('birch', 'canary'), tenant('coral', 'early'), tenant('delta')];

describe('the tenants stack', () => {
  test('gives every tenant one manifest with every image by digest', () => {
    const { kubernetes_manifest: manifests } = synthesize(fleet).resource;

    expect(Object.keys(manifests)).toEqual(['tenant-amber', 'tenant-birch', 'tenant-coral', 'tenant-delta']);
    expect(manifests['tenant-amber']?.manifest).toMatchObject({
      apiVersion: 'tenantry.dev/v1',
      kind: 'Tenant',
      spec: {
        host: 'amber.example.com',
        decommission: false,
        services: [
          {
            name: 'apiserver',
            image: expect.stringMatching(
              /^123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/apiserver@sha256:[0-9a-f]{64}$/,
            ),
            commit: expect.stringMatching(/^[0-9a-f]{40}$/),
            path: '/apiserver',
            healthPath: '/apiserver/v1/health',
          },
          { name: 'worker', image: expect.stringMatching(/\/jobs\/worker@sha256:[0-9a-f]{64}$/) },
        ],
      },
    });
  });

  test('leaves metadata to the operator but for the name, and says "" for a path that there is not, so that no hand can add one unseen', () => {
    const text = JSON.stringify(synthesize(fleet).resource.kubernetes_manifest);

    expect(synthesize(fleet).resource.kubernetes_manifest['tenant-delta']?.manifest.metadata).toEqual({
      name: 'delta',
    });
    expect(text).not.toContain('null');
    const worker = synthesize(fleet).resource.kubernetes_manifest['tenant-delta']?.manifest.spec.services[1];
    expect(worker).toMatchObject({ path: '', healthPath: '', env: [] });
  });

  test('tells each tenant for which rings it waits, and to bake nothing where a person chose the images', () => {
    const delta = {
      ...tenant('delta'),
      rollout: { ...tenant('delta').rollout, after: [{ ring: 'canary', bakeSeconds: 600 }] },
    };
    const images = imagesFor([delta]);
    const waits = (seconds: number) => ({
      rollout: { ...delta.rollout, after: [{ ring: 'canary', bakeSeconds: seconds }] },
    });

    expect(tenantManifest(delta, images).spec).toMatchObject(waits(600));
    expect(tenantManifest(delta, images, { chosenImages: true }).spec).toMatchObject(waits(0));
    expect(tenant('amber', 'canary').rollout.after).toEqual([]);
  });

  test('never waits, forces the files over edits by hand, and refuses to replace a tenant', () => {
    for (const manifest of Object.values(synthesize(fleet).resource.kubernetes_manifest)) {
      expect(manifest).not.toHaveProperty('wait');
      expect(manifest).toMatchObject({
        field_manager: { force_conflicts: true },
        lifecycle: { prevent_destroy: true, create_before_destroy: true },
        timeouts: { delete: '1m' },
      });
    }
  });

  test('applies those of an earlier ring first, with a marker for each place in the order and nothing in it', () => {
    const { kubernetes_manifest: manifests, terraform_data: markers } = synthesize(fleet).resource;

    expect(markers).toEqual({
      'place-0': expect.objectContaining({
        depends_on: ['kubernetes_manifest.tenant-amber', 'kubernetes_manifest.tenant-birch'],
      }),
      'place-1': expect.objectContaining({ depends_on: ['kubernetes_manifest.tenant-coral'] }),
    });
    for (const marker of Object.values(markers ?? {})) {
      expect(Object.keys(marker).filter((key) => key !== '//')).toEqual(['depends_on']);
    }
    expect(manifests['tenant-amber']).not.toHaveProperty('depends_on');
    expect(manifests['tenant-coral']?.depends_on).toEqual(['terraform_data.place-0']);
    expect(manifests['tenant-delta']?.depends_on).toEqual(['terraform_data.place-1']);
  });

  test('has no place for a ring without tenants, nor for a decommissioned tenant', () => {
    expect(synthesize([tenant('amber', 'canary')]).resource.terraform_data).toBeUndefined();
    const decommissioned = tenant('birch', 'canary', { decommission: true });
    const { kubernetes_manifest: manifests, terraform_data: markers } = synthesize([
      tenant('amber', 'early'),
      decommissioned,
      tenant('delta'),
    ]).resource;

    expect(markers?.['place-0']?.depends_on).toEqual(['kubernetes_manifest.tenant-amber']);
    expect(Object.keys(markers ?? {})).toEqual(['place-0']);
    expect(manifests['tenant-birch']).not.toHaveProperty('depends_on');
  });

  test('asks nobody anything, and runs no program', () => {
    expect(JSON.stringify(synthesize(fleet))).not.toMatch(/provisioner|local-exec|"wait"/);
  });

  test('adopts what the cluster has; Terraform takes the lane of the resource, and allows no other to be named', () => {
    const { import: imports } = synthesize(fleet, PLATFORM, { live: ['birch', 'gone'] });

    expect(imports).toEqual([
      {
        to: 'kubernetes_manifest.tenant-birch',
        id: 'apiVersion=tenantry.dev/v1,kind=Tenant,name=birch',
      },
    ]);
    expect(synthesize(fleet)).not.toHaveProperty('import');
  });

  test('waits for no deletion twice', () => {
    expect(synthesize(fleet, PLATFORM, { leaving: ['zinc'] }).removed).toEqual([
      { from: 'kubernetes_manifest.tenant-zinc', lifecycle: { destroy: false } },
    ]);
    expect(synthesize(fleet)).not.toHaveProperty('removed');
  });

  test('moves no state when a tenant moves to another ring', () => {
    const before = synthesize([tenant('amber', 'canary'), tenant('delta')]).resource.kubernetes_manifest;
    const after = synthesize([tenant('amber', 'canary'), tenant('delta', 'canary'), tenant('zinc')]).resource
      .kubernetes_manifest;

    expect(Object.keys(after)).toEqual(expect.arrayContaining(Object.keys(before)));
    expect(after['tenant-delta']?.provider).toBe(before['tenant-delta']?.provider);
  });

  test('spreads tenants over all sixteen lanes by their names alone', () => {
    const names = Array.from({ length: 400 }, (_, index) => `tenant${index}`);
    const all = synthesize(names.map((name) => tenant(name)));
    const lanes = Object.values(all.resource.kubernetes_manifest).map(({ provider }) => provider);

    expect(new Set(lanes)).toEqual(new Set(all.provider.kubernetes.map(({ alias }) => `kubernetes.${alias}`)));
    expect(new Set(lanes).size).toBe(16);
    for (const lane of new Set(lanes)) expect(lanes.filter((other) => other === lane).length).toBeLessThan(50);
    expect(synthesize([tenant('tenant7')]).resource.kubernetes_manifest['tenant-tenant7']?.provider).toBe(
      all.resource.kubernetes_manifest['tenant-tenant7']?.provider,
    );
  });

  test('keeps the lane of a name for ever: the state of a deleted tenant still names it', () => {
    const { kubernetes_manifest: manifests } = synthesize([
      tenant('northwind'),
      tenant('globex'),
      tenant('initech'),
    ]).resource;

    expect(Object.entries(manifests).map(([id, { provider }]) => [id, provider])).toEqual([
      ['tenant-globex', 'kubernetes.lane13'],
      ['tenant-initech', 'kubernetes.lane2'],
      ['tenant-northwind', 'kubernetes.lane7'],
    ]);
  });

  test('keeps one state for all tenants, locked in its bucket', () => {
    expect(synthesize(fleet).terraform.backend.s3).toMatchObject({
      bucket: 'acme-state',
      key: 'acme/tenants.tfstate',
      use_lockfile: true,
      encrypt: true,
    });
  });

  test('takes a kubeconfig with its context', () => {
    const { provider, data } = synthesize(fleet);

    expect(provider.kubernetes[0]).toEqual({ alias: 'lane0', config_path: '/kubeconfig', config_context: 'deployer' });
    expect(data).toBeUndefined();
  });

  test('reaches EKS by its endpoint of today and a token that is fetched when it is needed', () => {
    const { provider, data } = synthesize(fleet, { ...PLATFORM, cluster: { eks: 'acme-eks', region: 'eu-west-1' } });

    expect(data).toEqual({ aws_eks_cluster: { cluster: expect.objectContaining({ name: 'acme-eks' }) } });
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how Terraform writes a reference
    expect(provider.kubernetes[0]).toMatchObject({
      host: '${data.aws_eks_cluster.cluster.endpoint}',
      cluster_ca_certificate: '${base64decode(data.aws_eks_cluster.cluster.certificate_authority[0].data)}',
      exec: [{ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'acme-eks', '--region', 'eu-west-1'] }],
    });
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is how Terraform writes a reference
    expect(JSON.stringify(provider)).not.toContain('"token"');
  });

  test('gives the same bytes for the same input', () => {
    expect(JSON.stringify(synthesize(fleet))).toBe(JSON.stringify(synthesize(fleet)));
  });
});
