import { alike } from './alike';
import { behind } from './behind';
import { byHand, undeployed } from './drift-notice';
import type { Fleet } from './fleet';
import { notReady } from './not-ready';
import { count, type Notice } from './notice';

/** All that is worth saying of a fleet: what hurts first. */
export function notices(fleet: Fleet): Notice[] {
  const { tenants } = fleet;
  const drifts = tenants.flatMap(({ drift }) => drift);
  return [
    notReady(tenants),
    byHand(drifts),
    behind(tenants),
    undeployed(drifts),
    withoutFile(fleet),
    withoutTenant(fleet),
    decommissioned(fleet),
    notCompared(fleet),
  ].filter(({ items }) => items.length > 0);
}

function withoutFile({ tenants }: Fleet): Notice {
  const strays = tenants.filter(({ hasFile, decommissioned }) => !hasFile && !decommissioned);
  const items = strays.map(({ tenant }) => ({
    subject: tenant,
    text: `is in use. Bring tenants/${tenant}.yaml back, or decommission it there first`,
  }));
  return { kind: 'no-file', title: `${count(strays.length, 'tenant')} without a file`, items };
}

function withoutTenant({ missing }: Fleet): Notice {
  const items = missing.map(({ tenant, ring }) => ({
    subject: tenant,
    text: `the next run makes it, in the ring ${ring}`,
  }));
  return { kind: 'no-tenant', title: `${count(missing.length, 'file')} without a tenant`, items };
}

function decommissioned({ tenants }: Fleet): Notice {
  const stopped = tenants.filter(({ decommissioned }) => decommissioned);
  const items = stopped.map(({ tenant, hasFile }) => ({
    subject: tenant,
    text: hasFile ? 'its services are stopped, its data is kept' : 'the next run deletes it, since its file is gone',
  }));
  return { kind: 'decommissioned', title: `${count(stopped.length, 'tenant')} decommissioned`, items };
}

function notCompared({ notCompared }: Fleet): Notice {
  const items = alike(notCompared, ({ message }) => message).map((same) => ({
    subject: same.map(({ what }) => what).join(', '),
    text: same[0].message,
  }));
  return { kind: 'not-compared', title: 'Not everything could be compared with what ECR has now', items };
}
