import { App, Testing } from 'cdktf';
import type { Platform } from '../../lib/config/platform';
import type { Ring } from '../../lib/config/ring';
import { rolloutIn } from '../../lib/config/tenant';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { TenantsStack } from '../../lib/stacks/tenants';
import { imagesFor, PLATFORM, tenant } from '../stacks/pinned-platform';

/** The files of a platform, as far as rings go. */
export interface RingFleet {
  readonly rings: readonly string[];
  readonly tenants: readonly { readonly name: string; readonly ring: string; readonly decommission?: boolean }[];
  /** What was pushed last. */
  readonly build: string;
}

interface Resources {
  readonly kubernetes_manifest: Readonly<Record<string, Resource>>;
  readonly terraform_data?: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly manifest?: object;
  readonly depends_on?: readonly string[];
  readonly lifecycle?: object;
}

/**
 * The tenants stack that these files come to, with `terraform_data` in place of each manifest: the same names, edges and lifecycles, and an
 * update in place where the manifest changes.
 *
 * @param cut - resources that can't be changed: a run ends where it comes to them.
 */
export function configurationOf(fleet: RingFleet, cut: ReadonlySet<string> = new Set()): object {
  const { kubernetes_manifest: manifests, terraform_data: markers = {} } = synthesized(fleet);
  const resources = [...Object.entries(manifests), ...Object.entries(markers)].map(([name, resource]) => {
    const { manifest, depends_on, lifecycle } = resource;
    const precondition = cut.has(name) ? { precondition: [FAILING] } : {};
    return [
      name,
      {
        ...(manifest && { input: manifest }),
        ...(depends_on && {
          depends_on: depends_on.map((address) => address.replace(/^kubernetes_manifest/, 'terraform_data')),
        }),
        lifecycle: { ...lifecycle, ...precondition },
      },
    ];
  });
  return { variable: { never: { default: '' } }, resource: { terraform_data: Object.fromEntries(resources) } };
}

/** The same as it was while rings were gates, which a state may still be of: each gate named after its ring, replaced when it was asked. */
export function gatedConfigurationOf(fleet: RingFleet): object {
  const { resource } = configurationOf(fleet) as { resource: { terraform_data: Record<string, Resource> } };
  const names = Object.keys(resource.terraform_data).filter((name) => name.startsWith('place-'));
  const gates = new Map(names.map((name, place) => [name, `ring-${fleet.rings[place]}`]));
  const gated = Object.entries(resource.terraform_data).map(([name, { depends_on = [], lifecycle: _, ...rest }]) => {
    const isTenant = name.startsWith('tenant-');
    const edges = depends_on.map((address) => address.replace(/place-\d+/, (place) => gates.get(place) ?? place));
    return [
      gates.get(name) ?? name,
      {
        ...rest,
        depends_on: isTenant && edges.length === 0 ? ['terraform_data.roster'] : edges,
        ...(isTenant ? { lifecycle: { prevent_destroy: true } } : { triggers_replace: fleet.build }),
      },
    ];
  });
  return { resource: { terraform_data: { roster: { triggers_replace: fleet.build }, ...Object.fromEntries(gated) } } };
}

/** Known when it is applied, not when it is planned: so what comes before is applied. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
const FAILING = { condition: '${timestamp() == var.never}', error_message: 'cut' };

const known = new Map<string, Resources>();

function synthesized(fleet: RingFleet): Resources {
  const key = JSON.stringify(fleet);
  const found = known.get(key);
  if (found) return found;
  const rings = fleet.rings.map((name): Ring => ({ name, bakeSeconds: 0, atOnce: '10%', unproven: 'Hold' }));
  const platform: Platform = { ...PLATFORM, rings };
  const tenants = fleet.tenants.map(({ name, ring, decommission = false }) =>
    tenant(name, 'general', { ring, decommission, rollout: rolloutIn(ring, rings) }),
  );
  const images = imagesFor(tenants, fleet.build);
  const manifests = tenants.map((one) => tenantManifest(one, images));
  const stack = new TenantsStack(new App({ outdir: '/nowhere' }), 'tenants', {
    platform,
    manifests,
    live: [],
    leaving: [],
  });
  const { resource } = JSON.parse(Testing.synth(stack)) as { resource: Resources };
  known.set(key, resource);
  return resource;
}
