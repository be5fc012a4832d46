import { ExplainedError } from '../text/explained-error';

/** Thrown when what should be a plan can't be read as one, or is not the plan that was asked about. */
export class PlanUnreadable extends ExplainedError {
  override readonly name = 'PlanUnreadable';

  /** @param plan - what was read, for a person. */
  constructor(
    readonly plan: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${plan} cannot be shown: ${reason}`, options);
  }
}
