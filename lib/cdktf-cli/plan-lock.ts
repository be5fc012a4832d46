import type { Flaw } from './flaw';

/**
 * `cdktf diff` runs `terraform plan`, which locks the state: it writes and deletes an object beside it, and it has no option against that (`plan` in
 * @cdktf/cli-core/src/lib/models/terraform-cli.ts). Who plans could then delete the lock of a deploy; a plan would stand in the way of one, fail
 * beside one, and leave its lock when it is killed. Terraform would take `-lock=false` from the environment (TF_CLI_ARGS_plan) as well, which
 * whoever plans by hand would have to know of; a synth can't set it, since Terraform is not its child.
 * A plan writes no state. https://developer.hashicorp.com/terraform/cli/commands/plan
 */
export const PLAN_LOCK: Flaw = {
  file: 'cdktf-cli/bundle/bin/cmds/handlers.js',
  wrong: '["plan","-input=false"]',
  right: '["plan","-input=false","-lock=false"]',
  effect: 'lock the state for a plan, which the planner may not do',
  look: 'the arguments of its "terraform plan"',
};
