import type { Configuration } from '../../lib/config/load';
import type { Tenant } from '../../lib/config/tenant';
import type { ExpectedImages } from '../../lib/fleet/expected-images';
import { type Fleet, joinFleet } from '../../lib/fleet/fleet';
import type { LiveTenant, ManagedFields } from '../../lib/fleet/live-tenant';
import { DEPLOYER } from '../../lib/fleet/writer';
import { tenantManifest } from '../../lib/stacks/tenant-manifest';
import type { Condition } from '../../lib/tenant/status';
import { imagesFor, PLATFORM } from '../stacks/pinned-platform';

/** When everything was deployed, edited by hand, and asked for. */
export const DEPLOYED = '2026-11-22T06:00:00Z';
export const EDITED = '2026-11-22T07:58:00Z';
export const NOW = new Date('2026-11-22T08:00:00Z');

/** A tenant that was deployed as it is, and of which the operator says that all of it is well. */
export function deployed(tenant: Tenant, build = 'first'): LiveTenant {
  const { metadata, spec } = tenantManifest(tenant, imagesFor([tenant], build));
  return {
    metadata: {
      ...metadata,
      generation: 1,
      creationTimestamp: DEPLOYED,
      managedFields: [{ manager: DEPLOYER, time: DEPLOYED, fieldsV1: { 'f:spec': owned(spec) } }],
    },
    spec,
    status: {
      observedGeneration: 1,
      conditions: [ready('True', 'Ready', 'every service runs its pinned image and is available')],
      services: spec.services.map(({ name, image, commit, release, replicas }) => ({
        name,
        image,
        commit,
        release,
        replicas,
        readyReplicas: replicas,
      })),
    },
  };
}

/** The same tenant after somebody set a field behind the back of Terraform. */
export function edited(
  live: LiveTenant,
  path: readonly string[],
  value: unknown,
  manager = 'kubectl-edit',
): LiveTenant {
  const fields = (live.metadata.managedFields ?? []).map((one) => ({
    ...one,
    fieldsV1: without(one.fieldsV1, keys(path)),
  }));
  const edit: ManagedFields = { manager, time: EDITED, fieldsV1: nested(keys(path)) };
  return {
    ...live,
    metadata: { ...live.metadata, managedFields: [...fields, edit] },
    spec: withValue(live.spec, path, value) as LiveTenant['spec'],
  };
}

/** The same tenant with another word of the operator. */
export function withReady(live: LiveTenant, status: Condition['status'], reason: string, message: string): LiveTenant {
  return { ...live, status: { ...live.status, conditions: [ready(status, reason, message)] } };
}

/** The same tenant with so many pods of each service that are ready. */
export function withPods(live: LiveTenant, readyReplicas: number): LiveTenant {
  const services = live.status?.services?.map((service) => ({ ...service, readyReplicas })) ?? [];
  return { ...live, status: { ...live.status, services } };
}

export function ready(status: Condition['status'], reason: string, message: string): Condition {
  return { type: 'Ready', status, reason, message, lastTransitionTime: '2026-11-22T07:48:00Z' };
}

/** What ECR has for these tenants, pushed four minutes before they are asked for. */
export function inEcr(tenants: readonly Tenant[], build = 'first'): ExpectedImages {
  const images = imagesFor(tenants, build).images.map((image) => ({ ...image, pushedAt: '2026-11-22T07:56:00.000Z' }));
  return { newest: { images, problems: [] } };
}

/** The fleet of these files. Default: all of it live, ready and on the newest images. */
export function fleetOf(
  tenants: readonly Tenant[],
  live: readonly LiveTenant[] = tenants.map((tenant) => deployed(tenant)),
  images: ExpectedImages = inEcr(tenants),
  platform: Partial<Configuration['platform']> = {},
): Fleet {
  return joinFleet({ platform: { ...PLATFORM, ...platform }, tenants }, live, images, NOW);
}

/** As the API server writes down which fields of an object somebody owns. */
function owned(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      if (Array.isArray(child)) {
        return [`f:${key}`, Object.fromEntries(child.map((one) => [listKey(one.name), { '.': {}, ...owned(one) }]))];
      }
      return [`f:${key}`, child !== null && typeof child === 'object' ? owned(child) : {}];
    }),
  );
}

function keys(path: readonly string[]): string[] {
  return ['f:spec', ...path.map((name, index) => (path[index - 1] === 'services' ? listKey(name) : `f:${name}`))];
}

function listKey(name: string): string {
  return `k:{"name":"${name}"}`;
}

function nested([key, ...rest]: readonly string[]): object {
  return key === undefined ? {} : { [key]: nested(rest) };
}

function without(fields: object | undefined, [key = '', ...rest]: readonly string[]): object {
  const { [key]: child, ...others } = (fields ?? {}) as Record<string, object>;
  return child === undefined || rest.length === 0 ? others : { ...others, [key]: without(child, rest) };
}

function withValue(of: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(of)) return of.map((one) => (one.name === key ? withValue(one, rest, value) : one));
  const record = of as Record<string, unknown>;
  return { ...record, [key]: withValue(record[key], rest, value) };
}
