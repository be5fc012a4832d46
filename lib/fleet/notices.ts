import { tenantList } from '../config/tenant-list';
import { alike } from './alike';
import { behind } from './behind';
import { byHand, undeployed } from './drift-notice';
import { failedRuns } from './failed-runs';
import type { Fleet } from './fleet';
import { held, notReady } from './not-ready';
import { count, type Notice } from './notice';

/** All that is worth saying of a fleet: what hurts first. */
export function notices(fleet: Fleet): Notice[] {
  const { tenants } = fleet;
  const drifts = tenants.flatMap(({ drift }) => drift);
  return [
    notReady(tenants),
    beingDeleted(fleet),
    failedRuns(tenants),
    byHand(drifts),
    held(tenants),
    behind(tenants),
    undeployed(drifts),
    unproven(fleet),
    withoutFile(fleet),
    withoutTenant(fleet),
    suspended(fleet),
    decommissioned(fleet),
    notCompared(fleet),
  ].filter(({ items }) => items.length > 0);
}

/** The deletion of a tenant ends by itself, unless somebody's finalizer hangs. */
function beingDeleted({ tenants }: Fleet): Notice {
  const items = tenants.flatMap(({ tenant, deletion }) => {
    if (!deletion) return [];
    const { since, finalizers } = deletion;
    const text = finalizers.length === 0 ? {} : { text: `kept until who set them takes off ${finalizers.join(', ')}` };
    return [{ subject: tenant, when: { at: since }, ...text }];
  });
  return { kind: 'being-deleted', title: `${count(items.length, 'tenant')} being deleted`, items };
}

/** What nobody in an earlier ring tries before these tenants take it, by the word of a person. */
function unproven({ tenants }: Fleet): Notice {
  const lacking = tenants.filter(({ unproven, deletion }) => unproven.length > 0 && !deletion);
  const items = alike(lacking, ({ unproven, ring }) => JSON.stringify([unproven, ring])).map((same) => ({
    subject: `${tenantList(same.map(({ tenant }) => tenant))}: ${same[0].unproven.join(', ')}`,
    text: `no tenant of a ring before ${same[0].ring} runs this release`,
  }));
  return {
    kind: 'unproven',
    title: `${count(lacking.length, 'tenant')} with images that no earlier ring proves`,
    items,
  };
}

function withoutFile({ tenants }: Fleet): Notice {
  const strays = tenants.filter(({ hasFile, decommissioned }) => !hasFile && !decommissioned);
  const items = strays.map(({ tenant }) => ({
    subject: tenant,
    text: `is in use. Bring ${tenant}.yaml back, or decommission it there first`,
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

function suspended({ tenants }: Fleet): Notice {
  const stopped = tenants.filter(({ suspended, decommissioned }) => suspended && !decommissioned);
  const items = stopped.map(({ tenant }) => ({
    subject: tenant,
    text: 'its services are stopped, its data and its host are kept',
  }));
  return { kind: 'suspended', title: `${count(stopped.length, 'tenant')} suspended`, items };
}

function decommissioned({ tenants }: Fleet): Notice {
  const stopped = tenants.filter(({ decommissioned, deletion }) => decommissioned && !deletion);
  const items = stopped.map(({ tenant, hasFile }) => ({
    subject: tenant,
    text: hasFile
      ? 'its services are stopped, its data is kept'
      : `the next run deletes it, since its file is gone. If it is still here after that, Terraform's state has lost it: kubectl delete tenant ${tenant}`,
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
