import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import { imagesFor, PLATFORM, tenant } from '../stacks/pinned-platform';

export { PLATFORM, tenant };

/** The two providers show what the cluster has in different ways: the real one fills in a null for every field that there could be. */
export const PROVIDERS = ['stand-in', 'real'] as const;
export type Provider = (typeof PROVIDERS)[number];

type Manifest = ReturnType<typeof tenantManifest>;

/** A Tenant as the tenants stack writes it; another `build` is other images. */
export function manifest(
  name: string,
  build = 'first',
  changes: Parameters<typeof tenant>[2] = {},
  ring = 'general',
): Manifest {
  const one = tenant(name, ring, changes);
  return tenantManifest(one, imagesFor([one], build));
}

/** One Tenant in a plan. */
export interface Planned {
  /** What the last run applied; absent for a new one. */
  readonly applied?: Manifest;
  /** What the cluster has, where that is something else. */
  readonly live?: unknown;
  /** What the run wants; absent for one that goes. */
  readonly wanted?: Manifest;
  readonly actions?: readonly string[];
  /** Whether somebody deleted it by hand. */
  readonly gone?: boolean;
}

/** A resource of a plan, in the shape that `terraform show -json` gives it. */
export function resource(name: string, change: Record<string, unknown>, type = 'kubernetes_manifest') {
  return {
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_name: 'registry.terraform.io/hashicorp/kubernetes',
    change: { before_sensitive: {}, after_sensitive: {}, after_unknown: {}, ...change },
  };
}

/** What keeps the order of the rings. */
export function place(name: string, actions: readonly string[] = ['no-op']) {
  return resource(name, { actions, before: { input: null }, after: { input: null } }, 'terraform_data');
}

/** The text of a plan of these Tenants, as `terraform show -json` writes it. */
export function planText(
  planned: Readonly<Record<string, Planned>>,
  {
    provider = 'stand-in',
    others = [] as readonly object[],
    platform = 'acme',
    fields = {},
  }: {
    provider?: Provider;
    others?: readonly object[];
    platform?: string;
    fields?: object;
  } = {},
): string {
  const tenants = Object.entries(planned).map(([name, one]) => tenantResource(name, one, provider));
  const gone = Object.entries(planned).filter(([, { gone }]) => gone);
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    planned_values: { outputs: { platform: { sensitive: false, type: 'string', value: platform } }, root_module: {} },
    resource_drift: gone.map(([name]) => resource(`tenant-${name}`, { actions: ['delete'], before: {}, after: null })),
    resource_changes: [...tenants, ...others],
    prior_state: { format_version: '1.0', terraform_version: '1.11.4', values: {} },
    configuration: { root_module: {} },
    timestamp: '2026-11-25T03:06:01Z',
    applyable: true,
    complete: true,
    errored: false,
    ...fields,
  });
}

function tenantResource(name: string, { applied, live = applied, wanted, actions }: Planned, provider: Provider) {
  const object = provider === 'real' && live ? withNulls(live) : live;
  const around = { computed_fields: null, field_manager: [{ force_conflicts: true, name: null }] };
  const derived = !applied
    ? 'create'
    : !wanted
      ? 'delete'
      : same(live, wanted) && same(applied, wanted)
        ? 'no-op'
        : 'update';
  return resource(`tenant-${name}`, {
    actions: actions ?? [derived],
    before: applied ? { ...around, manifest: applied, object } : null,
    after: wanted ? { ...around, manifest: wanted } : null,
  });
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A Tenant as hashicorp/kubernetes reads it, with the fields of the definition and of metadata that nobody set. */
function withNulls(object: unknown): unknown {
  const { metadata, spec, ...rest } = object as Manifest;
  return {
    ...rest,
    metadata: {
      annotations: null,
      creationTimestamp: null,
      finalizers: ['tenantry.dev/operator'],
      labels: null,
      ...metadata,
    },
    spec: { ...spec, services: spec.services.map((service) => ({ healthPath: null, path: null, ...service })) },
  };
}
