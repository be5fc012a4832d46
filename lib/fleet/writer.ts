import type { LiveTenant } from './live-tenant';

/** Field manager of Terraform's Kubernetes provider: what a deploy wrote. */
export const DEPLOYER = 'Terraform';

/** Who wrote a field of a Tenant as it is now: the API server's own record. */
export interface Writer {
  /** Name of the field manager, such as `kubectl-edit`. */
  readonly manager: string;
  /** ISO 8601, UTC: when it last changed anything that it owns of this Tenant, and so no earlier than when it wrote the field. */
  readonly at?: string;
}

/**
 * The one who wrote a field of a Tenant's spec; the deploy, where others wrote the same beside it. Undefined where the API server has no
 * record, as for a field that was removed.
 *
 * @param path - names of fields below `spec`; `services` is followed by the service's name.
 */
export function writerOf({ metadata }: LiveTenant, path: readonly string[]): Writer | undefined {
  const keys = ['f:spec', ...path.map((name, index) => fieldKey(name, path[index - 1]))];
  const writers = (metadata.managedFields ?? [])
    .filter(({ subresource, fieldsV1 }) => !subresource && has(fieldsV1, keys))
    .map(({ manager = 'somebody', time }): Writer => ({ manager, ...(time !== undefined && { at: time }) }));
  return writers.find(({ manager }) => manager === DEPLOYER) ?? writers[0];
}

/** As the API server writes them: `f:host`, and `k:{"name":"web-client"}` for an entry of the list of services. */
function fieldKey(name: string, parent: string | undefined): string {
  return parent === 'services' ? `k:${JSON.stringify({ name })}` : `f:${name}`;
}

function has(fields: object | undefined, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return fields !== undefined;
  // Who writes a list or map that is atomic writes it whole, and the record ends there.
  if (fields !== undefined && Object.keys(fields).length === 0) return true;
  return has((fields as Readonly<Record<string, object>> | undefined)?.[key], rest);
}
