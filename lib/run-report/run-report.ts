import type { PinnedImage } from '../images/pinned-image';
import type { PlanReport } from '../plan/plan-report';
import type { Announcement } from './announcement';
import type { Done } from './done';
import type { NewerCommit } from './newer-commits';
import type { Verdict } from './verdict';
import type { WorkflowRun } from './workflow-runs';

/** All that is said of a run at its end. */
export interface RunReport {
  readonly verdict: Verdict;
  /** Address of the run's page. */
  readonly url?: string;
  readonly plan?: PlanReport;
  /** What it did; absent where it did not do all that it planned, or had nothing to do. */
  readonly done?: Done;
  /** The commit of this repository that the run took its files and its program from. */
  readonly commit?: string;
  /** Commits of the branch that are newer, and were not deployed. */
  readonly newer: readonly NewerCommit[];
  /** Images that stay as they run, until the environment before this one has converged on newer ones. */
  readonly held: readonly string[];
  readonly absorbed: readonly WorkflowRun[];
  readonly overtaken: readonly { readonly announced: Announcement; readonly image: PinnedImage }[];
  /** Images that no dispatch told of. */
  readonly unannounced: readonly PinnedImage[];
  /** Why it is not known which dispatches there were, or which newer commits there are. */
  readonly unknown: readonly string[];
}

/** Of a run that had to make up for dispatches: loud, also when all was deployed. */
export const DISPATCHING_BROKEN = 'Dispatching is broken: images were pushed, and no dispatch told of them';

/** What to do about that, most likely first. */
export const DISPATCHING_NEXT = [
  'Look at the job "tell" in the release workflow of each service that is named: did it run, and what did it say?',
  'Is the GitHub App still installed on this repository, with "contents: write", and is its private key in the secret TENANTRY_APP_PRIVATE_KEY of the environment "dispatch" of each application repository?',
  'Does the workflow deploy-tenants listen to the type that they send, image-pushed, on the default branch?',
];
