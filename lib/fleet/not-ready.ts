import { tenantList } from '../config/tenant-list';
import { alike } from './alike';
import type { FleetTenant } from './fleet';
import { count, type Notice, type NoticeItem } from './notice';

/** Tenants that are not ready, by the reason. Those that wait for a person come first: the others may get well by themselves. */
export function notReady(tenants: readonly FleetTenant[]): Notice {
  const unready = tenants.map(({ readiness }) => readiness).filter(({ ready }) => ready !== 'True');
  const urgent = [...unready].sort((a, b) => Number(b.stalled) - Number(a.stalled));
  const items = alike(urgent, ({ reason, message }) => JSON.stringify([reason, message])).map((same): NoticeItem => {
    const [{ reason, message, since, stalled }] = same;
    const subject = `${tenantList(same.map(({ tenant }) => tenant))}${stalled ? ' (waits for a person)' : ''}`;
    const when = since === undefined || same.length > 1 ? {} : { when: { at: since } };
    return { subject, ...when, text: `${reason}: ${message}` };
  });
  return { kind: 'not-ready', title: `${count(unready.length, 'tenant')} not ready`, items };
}
