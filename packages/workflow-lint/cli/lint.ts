import { inActions } from '@tenantry/text/in-actions';
import { type Command, Option } from 'commander';
import { lintRepositories } from '../lib/lint';
import { asAnnotations } from '../lib/report/annotations';
import { asJson } from '../lib/report/json';
import { forPeople } from '../lib/report/people';
import { asSarif } from '../lib/report/sarif';
import { pageOf } from '../lib/rule';
import { RULES } from '../lib/rules';

/** Gives a command, of this package's own program or of another, what it needs to lint. */
export function setUpLint(command: Command): Command {
  return command
    .argument('[directory...]', 'repositories that talk to each other by repository_dispatch', ['.'])
    .description('the mistakes in GitHub workflows that stay silent. Exit code 0: none, 1: some, 2: nothing to lint')
    .addOption(new Option('--json', 'for programs').conflicts('sarif'))
    .option('--sarif', 'SARIF 2.1.0, for code scanning')
    .addHelpText(
      'after',
      `
Rules:
${RULES.map(({ id, summary }) => `  ${id.padEnd(26)} ${summary}`).join('\n')}

Each has a page with an example, and the same mended: ${pageOf('<rule>')}

A finding that is none: a comment on its line, or on the lines before it,
  # tenantry-lint: ignore <rule> because <reason>`,
    )
    .action(async (directories: string[], { json, sarif }: { json?: boolean; sarif?: boolean }) => {
      const report = await lintRepositories(directories);
      if (json) process.stdout.write(asJson(report));
      else if (sarif) process.stdout.write(asSarif(report));
      else {
        console.log(forPeople(report));
        if (inActions() && report.findings.length > 0) console.log(asAnnotations(report.findings));
      }
      if (report.findings.length > 0) process.exitCode = 1;
    });
}
