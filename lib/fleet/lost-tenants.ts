import type { Tenant } from '../config/tenant';
import { ExplainedError } from '../text/explained-error';
import { strays } from './divergence';
import type { LiveTenant } from './live-tenant';

/** Thrown when a deploy would lose tenants: they are live and in use, and have no file. */
export class LostTenants extends ExplainedError {
  override readonly name = 'LostTenants';

  constructor(readonly found: readonly { readonly tenant: string; readonly message: string }[]) {
    super(
      [
        `Nothing is deployed, since ${found.length === 1 ? 'a tenant' : `${found.length} tenants`} would be lost:`,
        ...found.map(({ tenant, message }) => `  ${tenant} ${message}`),
      ].join('\n'),
    );
  }
}

/** @throws LostTenants when one that is live and not decommissioned has no file. */
export function refuseLost(tenants: readonly Tenant[], live: readonly LiveTenant[]): void {
  const found = strays(tenants, live);
  if (found.length > 0) throw new LostTenants(found);
}
