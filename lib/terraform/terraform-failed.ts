import { ExplainedError } from '../text/explained-error';
import type { Ended } from './run-program';

/** Thrown when Terraform does not come to a good end. What it said is in the message, unless it was shown. */
export class TerraformFailed extends ExplainedError {
  override readonly name = 'TerraformFailed';

  constructor(
    command: string,
    readonly stackName: string,
    { code, signal, output }: Ended,
  ) {
    const how = signal ? `was killed by ${signal}` : `failed with exit code ${code}`;
    const said = output.trim();
    super(`${said}${said && '\n\n'}${stackName}  ${command} ${how}`);
  }
}

/** Thrown when the last synth wrote no such stack. */
export class NoStack extends ExplainedError {
  override readonly name = 'NoStack';

  constructor(
    readonly stackName: string,
    folder: string,
  ) {
    super(
      `there is no stack ${stackName}: the last synth wrote no ${folder}. Run "npx cdktf synth", or leave out --skip-synth`,
    );
  }
}

/** Thrown when nobody planned since the last synth. */
export class NoPlan extends ExplainedError {
  override readonly name = 'NoPlan';

  constructor(plan: string, stack: string) {
    super(
      `${plan} cannot be shown: there is none. Make one with "npx cdktf diff ${stack}", or let --run do it. Every synth removes the one before`,
    );
  }
}
