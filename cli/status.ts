import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { configurationOf, loadSources } from '../lib/config/load';
import { expectedImages } from '../lib/fleet/expected-images';
import { joinFleet } from '../lib/fleet/fleet';
import { listTenants } from '../lib/fleet/read-tenants';
import { settingsOf } from '../lib/fleet/setting';
import { fleetPage } from '../lib/page/fleet-page';
import { settingsText } from './status/settings-text';
import { type Question, refuseUnknownNames, view, viewJson } from './status/view';
import { watchStatus } from './status/watch';
import { WrongOption } from './wrong-option';

interface StatusOptions {
  readonly tenant?: readonly string[];
  readonly service?: readonly string[];
  readonly ring?: readonly string[];
  readonly commit?: string;
  readonly each?: boolean;
  readonly json?: boolean;
  readonly html?: string;
  readonly watch?: boolean;
  readonly why?: boolean;
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const COMMIT = /^[0-9a-f]{7,40}$/;

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('which commit runs where, and how that differs from what ECR and the files say; changes nothing')
    .addOption(new Option('--tenant <name>', 'only this tenant; may be repeated').argParser(several))
    .addOption(new Option('--service <name>', 'only this service; may be repeated').argParser(several))
    .addOption(new Option('--ring <name>', 'only tenants of this ring; may be repeated').argParser(several))
    .option('--commit <sha>', 'where does this commit run? At least 7 digits. Exit code 1: nowhere')
    .option('--each', 'a line for each service of each tenant, as --tenant gives, not one for all that are alike')
    .option('--json', 'for programs, with full commits and digests')
    .addOption(
      new Option('--html <file>', 'also write it as a page: one file that needs nothing else').conflicts([
        'commit',
        'watch',
      ]),
    )
    .option('--watch', 'go on, and show what changes')
    .addOption(
      new Option('--why', 'also every setting, and which line of which file it comes from').conflicts([
        'commit',
        'watch',
      ]),
    )
    .addHelpText('after', NOTES)
    .action(async ({ json = false, html, watch, why, ...options }: StatusOptions) => {
      const question = questionOf(options);
      const sources = loadSources();
      const configuration = configurationOf(sources);
      if (watch) await watchStatus(configuration, question, json);
      const [live, images] = await Promise.all([
        listTenants(configuration.platform.cluster),
        expectedImages(configuration, question.services),
      ]);
      const fleet = joinFleet(configuration, live, images, new Date());
      refuseUnknownNames(fleet, question);
      const answer = view(fleet, question);
      const settings = why ? settingsOf(answer.fleet, configuration, sources) : undefined;
      console.log(json ? viewJson({ ...answer, ...(settings && { settings }) }, 2) : answer.text);
      if (settings && !json) console.log(`\n${settingsText(settings)}`);
      if (html !== undefined) writePage(html, fleetPage(answer.fleet, configuration.platform));
      if (!answer.found) process.exitCode = 1;
    });
}

function questionOf({ tenant, service, ring, commit, each }: StatusOptions): Question {
  if (commit !== undefined && !COMMIT.test(commit.toLowerCase())) {
    throw new WrongOption('--commit', commit, 'give the hexadecimal digits of a commit, the first 7 at least');
  }
  return {
    ...(tenant && { tenants: tenant }),
    ...(service && { services: service }),
    ...(ring && { rings: ring }),
    ...(commit !== undefined && { commit: commit.toLowerCase() }),
    ...(each && { each }),
  };
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (cause) {
    throw new WrongOption('--html', file, `cannot be written: ${(cause as Error).message}`, { cause });
  }
  console.error(`\nThe page is in ${file}.`);
}

const NOTES = `
SINCE   the commit has been asked for at least so long: since whoever set the image last changed the Tenant
READY   every pod of the service is; what else keeps a tenant from being ready is said above
PODS    that are ready on this commit, of those that are asked for; "job" for a service with a schedule, which has one at its time

Exit code 0 whatever is found, and also when ECR could not be asked, which it says then: "tenantry verify" is for a verdict.
1 when --commit runs nowhere. 2 when the cluster could not be asked.`;
