import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from './kubernetes-object';
import type { ManagedFields } from './live-tenant';

/** What Terraform's Kubernetes provider calls itself where it is told no other name. */
const TERRAFORM = 'Terraform';

type Owned = Readonly<Record<string, unknown>>;

/**
 * Whether an object is in the cluster as it would be applied: it has every value that is asked for, and Terraform owns nothing in it that is not.
 * To apply it would change nothing then. It says no where it can't tell, such as at a quantity that the API server writes in another way.
 */
export function isAsApplied(wanted: KubernetesObject, live: object): boolean {
  const { metadata } = live as { readonly metadata?: { readonly managedFields?: readonly ManagedFields[] } };
  const entries = (metadata?.managedFields ?? []).filter(
    ({ manager, subresource }) => manager === TERRAFORM && !subresource,
  );
  if (entries.length === 0) return false;
  return has(live, wanted) && entries.every(({ fieldsV1 = {} }) => owns(fieldsV1 as Owned, wanted));
}

/** Whether a value is there. Lists as a whole: what somebody put into one is for a plan to judge. */
function has(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(live) && live.length === wanted.length && wanted.every((one, index) => has(live[index], one));
  }
  if (!isMap(wanted)) return isDeepStrictEqual(live, wanted);
  return isMap(live) && Object.entries(wanted).every(([key, value]) => has(live[key], value));
}

/**
 * Whether all that is owned is wanted. `f:name` is a field, `k:{"name":"x"}` the element of a list that has these values, `v:"x"` an element itself.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
function owns(owned: Owned, wanted: unknown): boolean {
  return Object.entries(owned).every(([path, below]) => {
    if (path === '.') return true;
    const found = at(path, wanted);
    return found !== undefined && owns(below as Owned, found);
  });
}

function at(path: string, wanted: unknown): unknown {
  const [kind, rest] = [path.slice(0, 2), path.slice(2)];
  if (kind === 'f:') return isMap(wanted) ? wanted[rest] : undefined;
  if (!Array.isArray(wanted)) return undefined;
  if (kind === 'v:') return wanted.find((one) => isDeepStrictEqual(one, JSON.parse(rest)));
  if (kind === 'k:') return wanted.find((one) => has(one, JSON.parse(rest)));
  return undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
