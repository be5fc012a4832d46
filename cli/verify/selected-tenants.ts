import type { Configuration } from '../../lib/config/load';
import type { Tenant } from '../../lib/config/tenant';
import { refuseUnknown } from '../status/known-names';
import { WrongOption } from '../wrong-option';

export interface Selection {
  readonly ring?: string;
  /** Names of tenants. */
  readonly tenant?: readonly string[];
}

/**
 * The tenants that were asked about: all of them by default.
 *
 * @throws WrongOption for a ring or tenant that there is not, and for a tenant of another ring.
 */
export function selectedTenants({ platform, tenants }: Configuration, { ring, tenant: named }: Selection): Tenant[] {
  const names = tenants.map(({ name }) => name);
  if (ring !== undefined)
    refuseUnknown(
      '--ring',
      [ring],
      'ring',
      platform.rings.map(({ name }) => name),
    );
  refuseUnknown('--tenant', named, 'tenant', names);
  return tenants.filter((tenant) => {
    if (named && !named.includes(tenant.name)) return false;
    if (ring === undefined || tenant.ring === ring) return true;
    if (named) throw new WrongOption('--tenant', tenant.name, `it is in the ring ${tenant.ring}, not in ${ring}`);
    return false;
  });
}
