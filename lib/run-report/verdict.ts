/**
 * - `good`: everything is deployed.
 * - `waiting`: an image is still building; its own dispatch starts the run that heals this.
 * - `passing`: something did not answer; a later run may find it well, and the safety net is one.
 * - `person`: it stays like this until somebody does something.
 * - `cancelled`: somebody ended the run.
 */
export type Kind = 'good' | 'waiting' | 'passing' | 'person' | 'cancelled';

/** What a run came to, for people. */
export interface Verdict {
  readonly kind: Kind;
  /** One line, without anything that others have said. */
  readonly title: string;
  /** What was seen, in the words of whoever said it. */
  readonly evidence: readonly string[];
  /** What to do, or to look at. */
  readonly next: readonly string[];
}

/** How each kind begins wherever it is told, so that it can be told apart at a glance. */
export const KINDS: Readonly<Record<Kind, string>> = {
  good: 'Deployed',
  waiting: 'Heals by itself',
  passing: 'May heal by itself',
  person: 'A person is needed',
  cancelled: 'Cancelled',
};
