import { ExplainedError } from '../../lib/text/explained-error';

/** Thrown when an environment variable asks for what can't be. */
export class WrongSetting extends ExplainedError {
  override readonly name = 'WrongSetting';

  constructor(
    readonly variable: string,
    readonly value: string,
    wrong: string,
  ) {
    super(`${variable} is "${value}", ${wrong}`);
  }
}
