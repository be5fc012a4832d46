import { ExplainedError } from '../lib/text/explained-error';

/** Thrown when the value of an option can't be used. */
export class WrongOption extends ExplainedError {
  override readonly name = 'WrongOption';

  constructor(
    readonly option: string,
    readonly value: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${option} ${value}: ${reason}`, options);
  }
}
