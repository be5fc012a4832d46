import { ExplainedError } from '../../lib/text/explained-error';

/** Thrown when something needs a running platform and there is none. */
export class NotRunning extends ExplainedError {
  override readonly name = 'NotRunning';

  constructor(readonly reason?: string) {
    super(
      `The local platform does not run. Start it with "npm run local -- up".${reason ? `\nThe last one ended: ${reason}` : ''}`,
    );
  }
}
