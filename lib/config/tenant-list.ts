/** More names than these tell nobody anything. */
const NAMED = 10;

/**
 * `globex`; `3 tenants: acme, globex, initech`; of many the first; and where it is nearly everybody, who it is not.
 *
 * @param all - everybody there is, where "all" is worth saying.
 */
export function tenantList(tenants: readonly string[], all: readonly string[] = []): string {
  const [only] = tenants;
  if (tenants.length === 1 && only !== undefined) return only;
  const these = new Set(tenants);
  const rest = all.filter((tenant) => !these.has(tenant));
  if (all.length === tenants.length && rest.length === 0) return `all ${all.length} tenants`;
  if (rest.length > 0 && rest.length <= 3 && tenants.length > NAMED) {
    return `${tenants.length} of ${all.length} tenants: all but ${rest.join(', ')}`;
  }
  const named = tenants.slice(0, NAMED).join(', ');
  const more = tenants.length > NAMED ? ` and ${tenants.length - NAMED} more` : '';
  return `${tenants.length} tenants: ${named}${more}`;
}
