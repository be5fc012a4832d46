import { typedCommand } from '../config/typed-command';
import type { Aftermath } from './aftermath';
import { cancelledVerdict, withLocks } from './cut-short';
import { deployVerdict } from './deploy-log';
import { type ImagesContext, imagesVerdict } from './missing-images';
import type { RunFolder } from './run-folder';
import type { Verdict } from './verdict';
import { verifyVerdict } from './verify-log';

/** Steps that `tenantry report run` tells about, in the order in which they run. */
export const STEPS = ['credentials', 'replay', 'synth', 'plan', 'deploy', 'verify', 'page'] as const;

type Step = (typeof STEPS)[number];

/** GitHub's `steps` context, as far as it is read. */
export type StepOutcomes = Readonly<Record<string, { readonly outcome?: string } | undefined>>;

const LAST_LINES = 8;

/** Whether none of them failed or was ended. */
export function endedWell(steps: StepOutcomes): boolean {
  return !STEPS.some((step) => ['failure', 'cancelled'].includes(steps[step]?.outcome ?? ''));
}

/** What a run came to, by the first of its steps that failed. */
export function runVerdict(
  folder: RunFolder,
  steps: StepOutcomes,
  { aftermath, ...context }: ImagesContext & { readonly aftermath: Aftermath },
): Verdict {
  return withLocks(verdictOf(folder, steps, context, aftermath), aftermath.locks);
}

function verdictOf(folder: RunFolder, steps: StepOutcomes, context: ImagesContext, aftermath: Aftermath): Verdict {
  const failed = STEPS.find((step) => steps[step]?.outcome === 'failure');
  if (failed !== undefined) return failedVerdict(failed, folder, context);
  if (STEPS.some((step) => steps[step]?.outcome === 'cancelled')) return cancelledVerdict(aftermath);
  if (steps.verify?.outcome === 'success') {
    return {
      kind: 'good',
      title: 'Every tenant is on the images of this run, ready and healthy',
      evidence: [],
      next: [],
    };
  }
  return {
    kind: 'person',
    title: 'The run failed before it came to the platform',
    evidence: [],
    next: ['Read the first step that is red. Nothing was deployed; any run that succeeds deploys everything.'],
  };
}

function failedVerdict(step: Step, folder: RunFolder, context: ImagesContext): Verdict {
  const failure = folder.failure(step);
  if (failure?.images) return imagesVerdict(failure, failure.images, context);
  const evidence = failure ? linesOf(failure.message) : linesOf(folder.log(step)).slice(-LAST_LINES);
  switch (step) {
    case 'credentials':
      return {
        kind: 'person',
        title: 'AWS does not take this run for the deployer',
        evidence,
        next: [
          'Compare the variable TENANTRY_DEPLOYER_ROLE with the output deployer-role-arn of the registry stack, and what the role trusts with what the step sent.',
          'Is the "environment" of the platform file the one that deploy-tenants.yml gives to its job, or in neither of them?',
        ],
      };
    case 'replay':
      return {
        kind: 'person',
        title: 'The run to replay has no lock',
        evidence,
        next: ['Give the number of a run of this workflow that pinned its images, at most 90 days ago.'],
      };
    case 'synth':
      return synthVerdict(failure?.error, evidence);
    case 'plan':
      return planVerdict(folder, evidence);
    case 'deploy':
      return deployVerdict(folder.log('deploy'));
    case 'verify':
      return verifyVerdict(folder.log('verify'), evidence);
    case 'page':
      return {
        kind: 'passing',
        title: 'Only the page of the fleet could not be drawn; see the other steps for the deploy',
        evidence,
        next: [`Run "${typedCommand('npx tenantry status')}" by hand. If it fails too, do as it says.`],
      };
  }
}

/** @param error - name of its class. */
function synthVerdict(error: string | undefined, evidence: readonly string[]): Verdict {
  switch (error) {
    case 'LostTenants':
      return {
        kind: 'person',
        title: 'Nothing was deployed: a tenant would be lost that was not decommissioned',
        evidence,
        next: ["Bring the tenant's file back, or decommission it there first."],
      };
    case 'ClusterUnreadable':
      return {
        kind: 'passing',
        title: 'Nothing was deployed: the cluster could not be read',
        evidence,
        next: [
          'Do what is said there. Where it only did not answer: run this workflow again, or leave it to the schedule.',
        ],
      };
    default:
      return {
        kind: 'person',
        title: 'Nothing was deployed: the images could not be pinned',
        evidence,
        next: ['Do what is said there. Then any run deploys everything.'],
      };
  }
}

function planVerdict(folder: RunFolder, evidence: readonly string[]): Verdict {
  const plan = folder.plan();
  if (plan?.verdict === 'refused') {
    return {
      kind: 'person',
      title: 'Nothing was deployed: a tenant would be lost',
      evidence: plan.refusals.map(({ subject, reason }) => `${subject} ${reason}`),
      next: ["Bring the tenant's file back, or decommission it there first."],
    };
  }
  const verdict = deployVerdict(folder.log('plan'));
  return { ...verdict, evidence: verdict.evidence.length > 0 ? verdict.evidence : evidence };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
