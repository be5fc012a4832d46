/**
 * A line of what is told about a plan, not yet in any format. Plain strings are words of this program; whatever comes out of a plan is
 * marked as such, so that each format can make it harmless in its own way.
 */
export type Passage = readonly Piece[];

export type Piece =
  | string
  | { readonly data: string }
  | { readonly tenants: readonly string[] }
  /** The address is one of this program's making. */
  | { readonly link: string; readonly passage: Passage };

export interface Section {
  readonly title: string;
  readonly lines: readonly Passage[];
}

/** All that is told about a plan, the most important first. */
export interface PlanStory {
  readonly headline: Passage;
  /** What must not be overlooked, before anything else. */
  readonly alarms: readonly Passage[];
  readonly notes: readonly Passage[];
  readonly sections: readonly Section[];
}
