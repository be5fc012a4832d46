import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { shownPath } from '../text/shown-path';
import { runProgram } from './run-program';
import { NoPlan, NoStack, TerraformFailed } from './terraform-failed';

/** As cdktf calls the file that `cdktf diff` leaves. */
const PLAN = 'plan';
/** Written by `terraform init` when it has what the stack needs. Every synth removes it with the rest of the folder. */
const INITIALIZED = '.terraform.lock.hcl';
/** Far above the number of provider processes: with Terraform's ten the slow ones would hold all places. */
const PARALLELISM = '512';
/** With -detailed-exitcode. https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode */
const CHANGES = 2;

/** A stack that the last synth wrote, and what Terraform makes of it. What `cdktf diff` and `cdktf deploy` do, without what they draw. */
export class Stack {
  private readonly folder: string;

  /** @param output - where the synth wrote. */
  constructor(
    output: string,
    readonly name: string,
  ) {
    this.folder = join(output, 'stacks', name);
  }

  /** For a person. */
  get planName(): string {
    return `the plan in ${shownPath(this.folder)}`;
  }

  get hasPlan(): boolean {
    return existsSync(join(this.folder, PLAN));
  }

  /**
   * Makes a plan, and keeps it.
   *
   * @returns whether it changes anything.
   * @throws TerraformFailed, NoStack
   */
  async plan(): Promise<boolean> {
    if (!existsSync(this.folder)) throw new NoStack(this.name, shownPath(this.folder));
    if (!existsSync(join(this.folder, INITIALIZED))) await this.run('init', '-input=false');
    // A plan writes no state, and the planner may not lock it. https://developer.hashicorp.com/terraform/cli/commands/plan
    const options = [
      '-input=false',
      '-lock=false',
      `-parallelism=${PARALLELISM}`,
      '-detailed-exitcode',
      `-out=${PLAN}`,
    ];
    const { code } = await this.run('plan', ...options);
    return code === CHANGES;
  }

  /**
   * The plan that was kept, as `terraform show -json` writes it.
   *
   * @throws NoPlan
   * @throws TerraformFailed when Terraform can't read it.
   */
  async show(): Promise<string> {
    if (!this.hasPlan) throw new NoPlan(this.planName, this.name);
    return (await this.run('show', '-json', PLAN)).stdout;
  }

  /**
   * Does what the plan says, and shows what Terraform says of it.
   *
   * @throws TerraformFailed
   */
  async apply(): Promise<void> {
    const colours = process.stdout.isTTY ? [] : ['-no-color'];
    try {
      await this.run('apply', '-input=false', `-parallelism=${PARALLELISM}`, ...colours, PLAN);
    } finally {
      // Terraform takes no plan twice.
      rmSync(join(this.folder, PLAN), { force: true });
    }
  }

  private async run(command: 'init' | 'plan' | 'show' | 'apply', ...args: readonly string[]) {
    const terraform = process.env.TERRAFORM_BINARY_NAME || 'terraform';
    const shown = command === 'apply';
    const plain = shown ? [] : ['-no-color'];
    const all = [`-chdir=${this.folder}`, command, ...plain, ...args];
    const ended = await runProgram(terraform, all, { shown, env: { ...process.env, TF_IN_AUTOMATION: 'true' } });
    const isGood = ended.code === 0 || (command === 'plan' && ended.code === CHANGES);
    if (!isGood) throw new TerraformFailed(`terraform ${command}`, this.name, ended);
    return ended;
  }
}
