import type { Platform } from '../config/platform';
import { type Change, changesOf } from './change';
import { liveTenant, objectsOf } from './kubernetes-manifest';
import { tenantFields } from './tenant-fields';
import type { PlannedResource } from './terraform-plan';

/** What a run would do to one tenant. */
export interface TenantChange {
  readonly tenant: string;
  readonly what:
    | 'added'
    /** Somebody deleted it by hand, and the run makes it again. */
    | 'made-again'
    | 'changed'
    /** The cluster has it so already, and Terraform notes that. */
    | 'recorded'
    /** Nothing happens to it, and somebody added something by hand that stays. */
    | 'left'
    | 'deleted'
    | 'replaced'
    /** It stays in the cluster, and no run looks after it any more. */
    | 'forgotten';
  /** After the run, or before it where there is no after. */
  readonly host: string;
  readonly ring: string;
  /** What is done with its data, where the tenant goes. */
  readonly database?: { readonly name: string; readonly deletionPolicy: string };
  readonly changes: readonly Change[];
}

/** Undefined where nothing happens to it, and nothing was done to it by hand. */
export function tenantChange(resource: PlannedResource, platform: Platform): TenantChange | undefined {
  const { action, before, after, wasDeleted } = resource;
  const live = liveTenant(before);
  // What was imported has no manifest yet, and nobody edited it.
  const applied = tenantFields(objectsOf(before).manifest) ?? live;
  const wanted = tenantFields(objectsOf(after).manifest);
  const shown = wanted ?? live;
  if (!shown) return undefined;
  const base = { tenant: shown.name, host: shown.own.get('host') ?? '', ring: shown.own.get('ring') ?? '' };
  const database = {
    name: live?.own.get('database.name') ?? '',
    deletionPolicy: live?.own.get('database.deletionPolicy') ?? '',
  };
  const changes = changesOf({ applied, live, wanted }, platform);
  switch (action) {
    case 'none': {
      const stays = changes.filter(({ byHand }) => byHand !== undefined);
      const left = stays.map((change): Change => ({ ...change, byHand: 'stays' }));
      return left.length > 0 ? { ...base, what: 'left', changes: left } : undefined;
    }
    case 'create':
      return { ...base, what: wasDeleted ? 'made-again' : 'added', changes };
    case 'update': {
      const moves = changes.some(({ byHand }) => byHand !== 'stays');
      return { ...base, what: moves ? 'changed' : 'recorded', changes };
    }
    case 'delete':
      return { ...base, what: 'deleted', database, changes: [] };
    case 'replace':
      return { ...base, tenant: live?.name ?? base.tenant, what: 'replaced', database, changes };
    case 'forget':
      return { ...base, what: 'forgotten', changes: [] };
  }
}
