import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfiguration } from '../lib/config/load';
import { AWS } from '../lib/doctor/aws';
import { CLUSTER } from '../lib/doctor/cluster';
import { GITHUB } from '../lib/doctor/github';
import { GitHubReader } from '../lib/doctor/github-reader';
import { type Examined, examine } from '../lib/doctor/step';
import { gitHubOf } from '../lib/run-report/github';
import { readOperatorManifests } from '../lib/stacks/operator-manifests';
import { printableJson } from '../lib/text/harmless';
import { doctorReport } from './doctor/report';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'is each step of the set-up done? Asks AWS, GitHub and the cluster; changes nothing. Exit code 0: all, 1: not all, 2: could not tell of all',
    )
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const configuration = loadConfiguration();
      const { platform } = configuration;
      const local = process.env.TENANTRY_LOCAL === 'true';
      const github = new GitHubReader(gitHubOf());
      const manifests = readOperatorManifests(join(__dirname, '../operator/deploy'));
      const steps = await Promise.all([
        examine('AWS', { configuration, local }, AWS),
        examine('GitHub', { platform, github, now: new Date(), local }, GITHUB),
        examine('Kubernetes', { platform, manifests, local }, CLUSTER),
      ]);
      answer(steps.flat(), json);
    });
}

function answer(steps: readonly Examined[], json: boolean): void {
  console.log(json ? printableJson({ steps }, 2) : doctorReport(steps));
  if (steps.some(({ outcome }) => outcome === 'not done')) process.exitCode = 1;
  else if (steps.some(({ outcome }) => outcome === 'not known')) process.exitCode = 2;
}

const HELP = `
done        as it should be
NOT DONE    what it lacks, and what does it
not known   it could not be asked, and why: nobody listens, or these credentials may not see it
not needed  the platform file asks for nothing of the kind

It asks as whoever you are: AWS by the credentials of its SDK, the cluster by the platform file, and GitHub by GITHUB_TOKEN or GH_TOKEN, or as
nobody. An administrator of all three sees all: GITHUB_TOKEN="$(gh auth token)" npx tenantry doctor
docs/set-up.md has each step by its name.`;
