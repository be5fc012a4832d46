import type { From } from '../config/origins';
import type { Platform } from '../config/platform';
import { differing, type Fields, keysOf, valueText } from '../tenant/fields';
import { compareLink } from './compare-link';
import type { TenantFields } from './tenant-fields';

/**
 * - `put-back`: somebody edited it by hand, and the run puts back what the files say.
 * - `stays`: somebody added it by hand; the files say nothing of it, so no run takes it away.
 */
export type ByHand = 'put-back' | 'stays';

/** One thing that changes for a tenant. The same change of two tenants is equal, field for field. */
export type Change = FieldChange | ImageChange;

export interface FieldChange {
  readonly kind: 'field';
  /** Absent where it is about the tenant itself. */
  readonly service?: string;
  /** `host`, `replicas`, `database.deletionPolicy` ... */
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
  readonly byHand?: ByHand;
  /** Where the files say so, if that was asked, and if they still do. */
  readonly why?: From;
}

export interface ImageChange {
  readonly kind: 'image';
  readonly service: string;
  /** Absent where the service is new. */
  readonly from?: PlannedImage;
  /** Absent where the service goes. */
  readonly to?: PlannedImage;
  /** What lies between the two commits, at GitHub. */
  readonly compare?: string;
  readonly byHand?: ByHand;
  /** Where the files say which release it is, if that was asked and is another. */
  readonly why?: From;
}

export interface PlannedImage {
  readonly image: string;
  readonly commit: string;
  readonly release: string;
}

/** What of a service says which image it runs: shown as one change. */
const OF_THE_IMAGE = ['image', 'commit', 'release'] as const;

const NOTHING: Fields = new Map();
const NONE: TenantFields = { name: '', own: new Map(), services: new Map() };

/** A Tenant at three times; undefined where there was none, or will be none. */
export interface TenantHistory {
  /** As the last run left it. */
  readonly applied?: TenantFields | undefined;
  /** As it is now. */
  readonly live?: TenantFields | undefined;
  readonly wanted?: TenantFields | undefined;
}

/** What changes for a tenant from now to after the run, and what of that somebody did by hand. */
export function changesOf({ applied = NONE, live = NONE, wanted = NONE }: TenantHistory, platform: Platform): Change[] {
  const own = fieldChanges({ applied: applied.own, live: live.own, wanted: wanted.own });
  const names = new Set([...live.services.keys(), ...wanted.services.keys()]);
  const services = [...names].sort().flatMap((service): Change[] => {
    const at = {
      applied: applied.services.get(service),
      live: live.services.get(service),
      wanted: wanted.services.get(service),
    };
    const image = imageChange(service, at, platform);
    // What a whole service comes or goes with, its port and its paths, would only hide that it does.
    const whole = !at.live || !at.wanted;
    return [...(image ? [image] : []), ...(whole ? [] : fieldChanges(at, service))];
  });
  return [...own, ...services];
}

interface FieldHistory {
  readonly applied?: Fields | undefined;
  readonly live?: Fields | undefined;
  readonly wanted?: Fields | undefined;
}

function fieldChanges(history: FieldHistory, service?: string): FieldChange[] {
  const { live = NOTHING, wanted = NOTHING } = history;
  return differing(live, wanted)
    .filter((field) => service === undefined || !OF_THE_IMAGE.some((one) => one === field))
    .map((field) => {
      const [from, to] = [valueText(live, field), valueText(wanted, field)];
      const byHand = handOf(history, [...new Set([...keysOf(live, field), ...keysOf(wanted, field)])]);
      return {
        kind: 'field',
        ...(service !== undefined && { service }),
        field,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(byHand && { byHand }),
      };
    });
}

function imageChange(service: string, history: FieldHistory, platform: Platform): ImageChange | undefined {
  const differing = OF_THE_IMAGE.filter((field) => history.live?.get(field) !== history.wanted?.get(field));
  if (differing.length === 0) return undefined;
  const byHand = handOf(history, differing);
  const change = toImage(service, imageOf(history.live), imageOf(history.wanted), platform);
  return byHand ? { ...change, byHand } : change;
}

/** A service that goes from one image to another. */
export function toImage(
  service: string,
  from: PlannedImage | undefined,
  to: PlannedImage | undefined,
  platform: Platform,
): ImageChange {
  const compare = from && to && compareLink(platform, service, from.commit, to.commit);
  return { kind: 'image', service, ...(from && { from }), ...(to && { to }), ...(compare && { compare }) };
}

function imageOf(fields: Fields | undefined): PlannedImage | undefined {
  const get = (field: string) => fields?.get(field) ?? '';
  return fields && { image: get('image'), commit: get('commit'), release: get('release') };
}

/** Whether somebody changed one of these fields since the last run. What is created is nobody's edit. */
function handOf({ applied, live, wanted }: FieldHistory, fields: readonly string[]): ByHand | undefined {
  const edited = live && fields.some((field) => (live.get(field) ?? '') !== (applied?.get(field) ?? ''));
  if (!edited) return undefined;
  return fields.every((field) => !applied?.has(field) && !wanted?.has(field)) ? 'stays' : 'put-back';
}
