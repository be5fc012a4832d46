import { hostname } from 'node:os';
import type { Platform } from '../config/platform';
import { type StateLock, stateLocks } from '../state-bucket/state-lock';
import { ExplainedError } from '../text/explained-error';
import type { RunFolder } from './run-folder';

/** What a run that did not end well left of Terraform's. */
export interface Aftermath {
  /** Whether Terraform was at work in a step that was told to end. */
  readonly interrupted: boolean;
  /** Whether it had to be stopped at once. */
  readonly abandoned: boolean;
  /** States that this run still holds. */
  readonly locks: readonly StateLock[];
  /** Why that could not be told. */
  readonly unknown?: string;
}

/**
 * Seconds from when a step was told to end until Terraform is stopped at once. GitHub ends a job that was cancelled, or took too long, after
 * 5 minutes, and kills what it left; the rest is for saying so.
 * https://docs.github.com/en/actions/reference/workflow-cancellation-reference
 */
const PATIENCE = 210;
/** Seconds in which Terraform stops at once: it gives itself 5. */
const AT_ONCE = 10;

/** Lets Terraform come to its end where the runner cut its step off. It has been told to end by then, or is told now. */
export async function settle(
  folder: RunFolder,
  patience = PATIENCE,
): Promise<Pick<Aftermath, 'interrupted' | 'abandoned'>> {
  const steps = [...folder.processes().values()];
  let abandoned = false;
  for (const step of steps.filter(({ isAlive }) => isAlive)) {
    step.end();
    await step.withoutTerraform(after(step.endedAt ?? new Date(), patience));
    if (!step.isTerraformAlive) continue;
    abandoned = true;
    step.abandon();
    await step.withoutTerraform(after(new Date(), AT_ONCE));
  }
  return { interrupted: steps.some(({ endedAt, hadTerraform }) => endedAt && hadTerraform), abandoned };
}

/** The states that this run still holds though nothing of it runs. */
export async function heldStates(
  folder: RunFolder,
  platform: Platform | undefined,
): Promise<Pick<Aftermath, 'locks' | 'unknown'>> {
  const began = [...folder.processes().values()].flatMap(({ startedAt }) => startedAt ?? []);
  if (!platform || began.length === 0) return { locks: [] };
  const first = Math.min(...began.map(Number));
  try {
    const all = await stateLocks(platform, ['operator', 'tenants']);
    // Terraform does not say of which run it is, only of which machine.
    return { locks: all.filter(({ who, since }) => who.endsWith(`@${hostname()}`) && since.getTime() >= first) };
  } catch (error) {
    if (error instanceof ExplainedError) return { locks: [], unknown: error.message };
    throw error;
  }
}

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
