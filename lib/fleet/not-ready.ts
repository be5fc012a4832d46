import { tenantList } from '../config/tenant-list';
import { alike } from './alike';
import type { FleetTenant } from './fleet';
import { count, type Notice, type NoticeItem } from './notice';
import type { Readiness } from './readiness';

/** Of tenants that are not ready, and not for others alone. Those that wait for a person come first: the others may get well by themselves. */
export function unready(tenants: readonly FleetTenant[]): Readiness[] {
  const found = tenants.map(({ readiness }) => readiness).filter(({ ready }) => ready !== 'True');
  return found.filter((one) => !isOnlyHeld(one)).sort((a, b) => Number(b.stalled) - Number(a.stalled));
}

/** Tenants that are not ready, by the reason. */
export function notReady(tenants: readonly FleetTenant[]): Notice {
  const urgent = unready(tenants);
  const items = alike(urgent, ({ reason, message }) => JSON.stringify([reason, message])).map((same): NoticeItem => {
    const [{ reason, message, since, stalled }] = same;
    const subject = `${tenantList(same.map(({ tenant }) => tenant))}${stalled ? ' (waits for a person)' : ''}`;
    const when = since === undefined || same.length > 1 ? {} : { when: { at: since } };
    return { subject, ...when, text: `${reason}: ${message}` };
  });
  return { kind: 'not-ready', title: `${count(urgent.length, 'tenant')} not ready`, items };
}

/** Tenants that wait for an earlier ring or for their turn, by what for. Nothing is wrong with them; that which they wait for says so itself. */
export function held(tenants: readonly FleetTenant[]): Notice {
  const waiting = tenants.map(({ readiness }) => readiness).filter(isOnlyHeld);
  const items = alike(waiting, ({ message }) => message).map((same): NoticeItem => {
    const [{ message, since }] = same;
    const when = since === undefined || same.length > 1 ? {} : { when: { at: since } };
    return { subject: tenantList(same.map(({ tenant }) => tenant)), ...when, text: message };
  });
  return { kind: 'held', title: `${count(waiting.length, 'tenant')} held, on the images that ran before`, items };
}

/** Held for a person to decide is as urgent as anything that waits for one. */
function isOnlyHeld({ held, stalled }: Readiness): boolean {
  return held && !stalled;
}
