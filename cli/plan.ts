import { readFileSync } from 'node:fs';
import { text as readStream } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { configurationOf, loadSources } from '../lib/config/load';
import { planMarkdown } from '../lib/plan/plan-markdown';
import { planReport } from '../lib/plan/plan-report';
import { planText } from '../lib/plan/plan-text';
import { PlanUnreadable } from '../lib/plan/plan-unreadable';
import { selected } from '../lib/plan/selected';
import { readPlan, type TerraformPlan } from '../lib/plan/terraform-plan';
import { unchangedPlan } from '../lib/plan/unchanged-plan';
import { withWhy } from '../lib/plan/why';
import { nothingToDo, notPlanned } from '../lib/terraform/nothing-to-do';
import { Stack } from '../lib/terraform/stack';
import { imagesIn, synth } from '../lib/terraform/synth';
import { printableJson } from '../lib/text/harmless';
import { refuseUnknown } from './status/known-names';
import { WrongOption } from './wrong-option';

interface PlanOptions {
  readonly run?: boolean;
  readonly skipSynth?: boolean;
  readonly full?: boolean;
  readonly stack: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
  readonly whole?: string;
  readonly note?: string;
  readonly tenant?: readonly string[];
  readonly why?: boolean;
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function addPlan(program: Command): void {
  program
    .command('plan')
    .description(
      'what would the next run change, by tenant and service? Changes nothing. Exit code 0: it may be, 1: it must not be (a tenant would be lost), 2: could not tell',
    )
    .argument('[file]', 'what "terraform show -json <plan>" printed; - for standard input', 'what "cdktf diff" left')
    .option('--run', 'plan first, as "npx cdktf diff" does, with IMAGES and all else as you set it')
    .option('--skip-synth', 'with --run: plan what the last synth wrote')
    .option('--full', 'with --run: ask Terraform also where the cluster and the states say that there is nothing to do')
    .addOption(
      new Option('--stack <name>', 'of which stack').choices(['operator', 'registry', 'tenants']).default('tenants'),
    )
    .option(
      '--markdown',
      'for a comment on a pull request: at most 50 KB, with a hidden first line to find it again by',
    )
    .option(
      '--whole <url>',
      'where all of it is, for a Markdown that has to be cut (default: the run of GitHub Actions)',
    )
    .option('--note <text>', 'to be said with it, such as what "tenantry review" says of its images')
    .addOption(new Option('--tenant <name>', 'only what changes for this tenant; may be repeated').argParser(several))
    .option('--why', 'beside each setting, which line of which file it comes from')
    .option('--json', 'for programs, with full commits and images')
    .action(async (given: string, options: PlanOptions, command: Command) => {
      const file = command.args.length > 0 ? given : undefined;
      if (file !== undefined && options.run)
        throw new WrongOption('--run', file, 'a plan is made, or read from a file');
      for (const [option, given] of [
        ['--skip-synth', options.skipSynth],
        ['--full', options.full],
      ] as const) {
        if (given && !options.run) throw new WrongOption(option, 'without --run', 'has no meaning');
      }
      const sources = loadSources();
      const configuration = configurationOf(sources);
      const output = process.env.CDKTF_OUTDIR || 'cdktf.out';
      const { platform } = configuration;
      const { stack, tenant, note } = options;
      const made = new Stack(output, stack);
      let plan: TerraformPlan | undefined;
      if (options.run) {
        if (!options.skipSynth) console.error(`images: ${imagesIn(await synth()) ?? 'none'}`);
        if (!options.full && stack !== 'registry' && (await nothingToDo(output, platform)).has(stack)) {
          const names = stack === 'tenants' ? configuration.tenants.map(({ name }) => name) : [];
          plan = unchangedPlan(platform, names);
          console.error(notPlanned([stack]));
        } else {
          console.error(`planning the stack ${stack} ...`);
          await made.plan();
        }
      }
      const from = file === undefined ? made.planName : file === '-' ? 'standard input' : file;
      plan ??= readPlan(file === undefined ? await made.show() : await readFile(file), from);
      const all = planReport(plan, { platform, stack, from, ...(note && { note }) });
      const known = new Set([...all.tenants, ...all.changes.map((change) => change.tenant)]);
      refuseUnknown('--tenant', tenant, 'tenant', [...known].sort());
      const part = tenant ? selected(all, tenant) : all;
      const report = options.why ? withWhy(part, configuration, sources) : part;

      if (options.json) process.stdout.write(`${printableJson(report, 2)}\n`);
      else if (options.markdown) process.stdout.write(planMarkdown(report, options.whole ?? runOfActions()));
      else process.stdout.write(planText(report, new Date()));
      if (report.verdict === 'refused') process.exitCode = 1;
    });
}

async function readFile(file: string): Promise<string> {
  if (file === '-') return readStream(process.stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlanUnreadable(file, `it cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The page of the run that this is a part of, where its summary and artifacts are. */
function runOfActions(): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}
