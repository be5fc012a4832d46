import type { Platform } from '../config/platform';
import { OPERATOR } from '../images/request';
import { type ImageChange, type PlannedImage, toImage } from './change';
import { manifestOf, objectsOf } from './kubernetes-manifest';
import type { PlannedAction, PlannedResource } from './terraform-plan';

/** What a run would do to something that is no tenant: what the cluster needs, what AWS needs. */
export interface OtherChange {
  /** `Deployment tenantry-system/tenantry-operator`, or the address in Terraform of what is no Kubernetes object. */
  readonly what: string;
  readonly action: Exclude<PlannedAction, 'none'>;
  /** Paths of what changes in it; never values. */
  readonly fields: readonly string[];
  /** Of the operator's Deployment. */
  readonly image?: ImageChange;
}

/** Undefined where nothing happens to it. */
export function otherChange(resource: PlannedResource, platform: Platform): OtherChange | undefined {
  const { action, address, before, after } = resource;
  if (action === 'none') return undefined;
  const object = manifestOf(resource) as
    | { readonly kind?: unknown; readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } }
    | undefined;
  const { name, namespace } = object?.metadata ?? {};
  const what = object ? `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}` : address;
  const [was, will] = [objectsOf(before), objectsOf(after)];
  const [from, to] = [deploymentImage(was.object ?? was.manifest), deploymentImage(will.manifest)];
  const moves = from?.image !== to?.image || from?.commit !== to?.commit;
  const image = moves ? toImage(OPERATOR, from, to, platform) : undefined;
  return { what, action, fields: changedPaths(resource), ...(image && { image }) };
}

/** Where the manifest changes; where only the cluster's object does, somebody edited that by hand. */
function changedPaths({ action, before, after, type }: PlannedResource): string[] {
  if (action !== 'update') return [];
  if (type !== 'kubernetes_manifest') return differences(before, after);
  const [was, will] = [objectsOf(before), objectsOf(after)];
  const paths = differences(was.manifest, will.manifest);
  return paths.length > 0 ? paths : differences(will.manifest, was.object, true).map((path) => `${path} (by hand)`);
}

/** Paths at which two values differ; with `only`, those that the first one has. */
function differences(a: unknown, b: unknown, only = false, path = ''): string[] {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    return (a ?? undefined) === (b ?? undefined) ? [] : [path];
  }
  const [left, right] = [a, b] as Readonly<Record<string, unknown>>[];
  const keys = new Set([...Object.keys(a), ...(only ? [] : Object.keys(b))]);
  return [...keys].flatMap((key) => differences(left?.[key], right?.[key], only, path === '' ? key : `${path}.${key}`));
}

interface Deployment {
  readonly kind?: unknown;
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, unknown>> };
      readonly spec?: { readonly containers?: readonly { readonly image?: unknown }[] };
    };
  };
}

/** What of the operator's Deployment says which commit it runs; labels and container as `lib/stacks/operator.ts` writes them. */
function deploymentImage(object: unknown): PlannedImage | undefined {
  const { kind, spec } = (object ?? {}) as Deployment;
  const commit = spec?.template?.metadata?.labels?.['git.sha'];
  if (kind !== 'Deployment' || commit === undefined) return undefined;
  return {
    image: String(spec?.template?.spec?.containers?.[0]?.image),
    commit: String(commit),
    release: String(spec?.template?.metadata?.labels?.['tenantry.dev/release']),
  };
}
