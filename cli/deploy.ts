import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import type { Platform } from '../lib/config/platform';
import { type PlanReport, planReport } from '../lib/plan/plan-report';
import { planText } from '../lib/plan/plan-text';
import { readPlan } from '../lib/plan/terraform-plan';
import { nothingToDo, notPlanned } from '../lib/terraform/nothing-to-do';
import { Stack } from '../lib/terraform/stack';
import { synth } from '../lib/terraform/synth';
import { ExplainedError } from '../lib/text/explained-error';

/** Thrown where a yes is needed, and there is no terminal. */
export class NobodyToAsk extends ExplainedError {
  override readonly name = 'NobodyToAsk';
}

const STACKS = ['operator', 'tenants', 'registry'] as const;

interface DeployOptions {
  readonly skipSynth?: boolean;
  readonly autoApprove?: boolean;
  readonly full?: boolean;
}

export function addDeploy(program: Command): void {
  const stacks = program
    .createArgument('[stacks...]', 'in this order')
    .choices(STACKS)
    .default(['operator', 'tenants']);
  program
    .command('deploy')
    .description(
      'what "cdktf deploy" does, with one plan that is shown by tenant and then applied. Exit code 0: done, 1: not done, as nobody said yes or a tenant would be lost, 2: failed',
    )
    .addArgument(stacks)
    .option('--skip-synth', 'deploy what the last synth wrote; by the plan that "tenantry plan" left, if there is one')
    .option('--auto-approve', 'do not ask')
    .option('--full', 'ask Terraform also where the cluster and the states say that there is nothing to do')
    .action(async (names: readonly string[], { skipSynth, autoApprove, full }: DeployOptions) => {
      if (!autoApprove && !process.stdin.isTTY) {
        throw new NobodyToAsk('nobody can be asked here whether to deploy: say --auto-approve');
      }
      if (!skipSynth) console.log(await synth());
      const output = process.env.CDKTF_OUTDIR || 'cdktf.out';
      const { platform } = loadConfiguration();
      const done = full || names.includes('registry') ? new Set() : await nothingToDo(output, platform);
      const left = names.filter((name) => !done.has(name));
      const skipped = names.filter((name) => done.has(name));
      for (const name of skipped) console.log(`${name}  No changes.`);
      if (skipped.length > 0) console.log(notPlanned(skipped));
      // What the tenants are changed to may be what only the new operator, or its definition, takes.
      let isPlanGood = true;
      for (const name of left) {
        const result = await deployed(new Stack(output, name), platform, { isPlanGood, autoApprove });
        if (result === 'not done') {
          process.exitCode = 1;
          return;
        }
        if (result === 'changed') isPlanGood = false;
      }
    });
}

async function deployed(
  stack: Stack,
  platform: Platform,
  { isPlanGood, autoApprove }: { readonly isPlanGood: boolean; readonly autoApprove: boolean | undefined },
): Promise<'unchanged' | 'changed' | 'not done'> {
  const { name } = stack;
  // The name and two spaces begin what is said of a stack, as with cdktf: the report of a run and "npm start" read it.
  if (!isPlanGood || !stack.hasPlan) await stack.plan();
  const plan = readPlan(await stack.show(), stack.planName);
  const report = planReport(plan, { platform, stack: name, from: stack.planName });
  if (plan.isApplyable) {
    console.log(`${name}  Plan:\n${planText(report, new Date())}`);
    if (report.verdict === 'refused' || !(autoApprove || (await isApproved(report)))) return 'not done';
    console.log(`${name}  Applying.`);
  } else console.log(`${name}  No changes.`);
  // Also where it changes nothing: the state takes what was seen, and a lock that a dead run left is heard of now.
  await stack.apply();
  return plan.isApplyable ? 'changed' : 'unchanged';
}

async function isApproved({ stack }: PlanReport): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(`Deploy this to the stack ${stack}? Only "yes" does: `)) === 'yes';
  } finally {
    terminal.close();
  }
}
