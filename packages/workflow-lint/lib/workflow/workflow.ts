import type { Place } from '../finding';
import type { Part } from './part';
import type { Source } from './source';
import type { Trigger } from './trigger';

/** A workflow file, as far as it could be read. */
export interface Workflow {
  readonly source: Source;
  /** Path in its repository, such as `.github/workflows/ci.yml`. */
  readonly path: string;
  /** What GitHub calls it: its `name:`, or else its path. */
  readonly name: string;
  readonly namePlace: Place;
  readonly root: Part | undefined;
  readonly triggers: ReadonlyMap<string, Trigger>;
  readonly concurrency: Concurrency | undefined;
  readonly env: Part | undefined;
  readonly permissions: Part | undefined;
  readonly jobs: readonly Job[];
  /** What GitHub refuses it for. Nothing else is asked of such a file. */
  readonly problems: readonly Problem[];
  /** What stands below an event and does nothing. */
  readonly ignored: readonly Ignored[];
}

export interface Problem {
  readonly place: Place;
  readonly message: string;
}

/** Something below an event of `on:` that GitHub takes, and does not read. */
export interface Ignored {
  readonly place: Place;
  readonly event: string;
  /** What it is: a filter that the event has not, a kind of the event that there is not, or no filters at all. */
  readonly what: { readonly filter: string } | { readonly type: string } | 'value';
}

export interface Concurrency {
  readonly place: Place;
  readonly group: Part;
  readonly cancelInProgress: Part | undefined;
  /** Where `queue: max` stands. Up to 100 wait then, and none throws another out. */
  readonly queueMax: Part | undefined;
}

export interface Job {
  readonly id: string;
  /** The key that names it. */
  readonly place: Place;
  readonly part: Part;
  readonly name: string;
  readonly if: Condition | undefined;
  readonly needs: readonly string[];
  readonly env: Part | undefined;
  readonly environment: Part | undefined;
  readonly permissions: Part | undefined;
  readonly concurrency: Concurrency | undefined;
  readonly matrix: Part | undefined;
  readonly steps: readonly Step[];
  /** The reusable workflow that it calls. */
  readonly uses: Part | undefined;
}

/** An action that is made of steps. */
export interface CompositeAction {
  /** What has its steps, as a job has them. */
  readonly runs: Job;
  readonly inputs: Part | undefined;
  readonly outputs: Part | undefined;
}

export interface Step {
  readonly part: Part;
  readonly id: string | undefined;
  readonly if: Condition | undefined;
  readonly run: Part | undefined;
  readonly uses: Part | undefined;
  /** What it uses, where that is a composite action of the same repository. One that such an action uses in turn is not told. */
  readonly action: CompositeAction | undefined;
  readonly with: Part | undefined;
  readonly env: Part | undefined;
}

/** An `if:`, and the expression that GitHub makes of it: one that asks for no status asks for success. */
export interface Condition {
  readonly part: Part;
  readonly expression: string;
}
