/** Something that a person wants to know before reading any row. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Such as `3 tenants behind`. */
  readonly title: string;
  readonly items: readonly NoticeItem[];
}

export type NoticeKind =
  | 'not-ready'
  | 'being-deleted'
  | 'failed-runs'
  | 'by-hand'
  | 'held'
  | 'behind'
  | 'undeployed'
  | 'unproven'
  | 'no-file'
  | 'no-tenant'
  | 'suspended'
  | 'decommissioned'
  | 'not-compared';

/** Reads as `<subject>, <verb> 4 min ago: <text>`. */
export interface NoticeItem {
  readonly subject: string;
  readonly when?: When;
  readonly text?: string;
  /** Commits of a service, where it is about a change from one to another. */
  readonly change?: { readonly service: string; readonly from: string; readonly to: string };
}

/** A moment: `pushed 4 min ago`, or without a verb `for 4 min`. */
export interface When {
  readonly verb?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** `1 tenant`, `3 tenants`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
