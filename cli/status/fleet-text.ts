import type { Fleet } from '../../lib/fleet/fleet';
import { unready } from '../../lib/fleet/not-ready';
import { count } from '../../lib/fleet/notice';
import { notices } from '../../lib/fleet/notices';
import { FROZEN_NOTICE } from '../../lib/images/frozen-notice';
import { plainText } from '../../lib/text/harmless';
import { eachTable, groupedTable } from './fleet-table';
import { noticeLines } from './notice-lines';
import { wrapped } from './wrapped';

export interface FleetTextOptions {
  /** A line for each service of each tenant, instead of one for all that are alike. */
  readonly each?: boolean;
}

/** A fleet for people: what is worth knowing first, then what runs. */
export function fleetText(fleet: Fleet, { each = false }: FleetTextOptions = {}): string {
  const now = new Date(fleet.at);
  const { tenants, rings } = fleet;
  const found = noticeLines(notices(fleet), now);
  const [urgent] = unready(tenants);
  const inRings = rings.filter((ring) => tenants.some((tenant) => tenant.ring === ring)).join(', ');
  const counted = tenants.length === 0 ? 'nothing of that is live' : `${count(tenants.length, 'tenant')} in ${inRings}`;
  const lines = [
    ...wrapped(plainText(`${fleet.platform}: ${counted}, at ${fleet.at.slice(0, 19).replace('T', ' ')} UTC`, 1000)),
    ...(fleet.frozen === undefined ? [] : wrapped(`${FROZEN_NOTICE}. Its lock is ${plainText(fleet.frozen)}.`)),
    ...(found.length > 0 || tenants.length === 0 ? found : ['All of it is ready, and as the files and ECR say.']),
    ...(urgent ? [plainText(`What keeps it, and what to do: npx tenantry why ${urgent.tenant}`)] : []),
  ];
  return [...lines, ...(tenants.length === 0 ? [] : ['', (each ? eachTable : groupedTable)(fleet, now)])].join('\n');
}
