import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Platform } from '../config/platform';
import { OutputFolder } from '../stacks/output-folder';
import type { Manifests, Settled } from '../stacks/settled';
import { readState, type StoredState } from '../state-bucket/read-state';
import { stateLocks } from '../state-bucket/state-lock';

/** To be said where there was no plan. */
export const NOT_PLANNED =
  'As the cluster and the states say: every object is as it would be applied, so Terraform was not asked. --full asks it.';

/**
 * Whether a plan would change nothing, told without one. Terraform compares what is asked for with what it applied last, which the state has, and with
 * what the cluster has. So does this: the synth found in the cluster every value that is asked for; and the states have exactly these objects, each
 * applied last as it is asked for now, and are held by nobody. What a plan would find besides is no change of the cluster: what the state says of
 * an object that others have written to since.
 *
 * @param output - where the synth wrote.
 * @throws StateBucketProblem, StrangeLock
 */
export async function isNothingToDo(output: string, platform: Platform): Promise<boolean> {
  const file = new OutputFolder(output).settled;
  if (!existsSync(file)) return false;
  const wanted = JSON.parse(readFileSync(file, 'utf8')) as Settled;
  const [operator, tenants, locks] = await Promise.all([
    readState(platform, 'operator'),
    readState(platform, 'tenants'),
    stateLocks(platform, ['operator', 'tenants']),
  ]);
  // A lock that a dead run left is to be heard of now, and not when something has to change.
  if (locks.length > 0) return false;
  return isAsked(operator, wanted.operator) && isAsked(tenants, wanted.tenants);
}

function isAsked(state: StoredState | undefined, manifests: Manifests): boolean {
  return state?.isWhole === true && isDeepStrictEqual(state.manifests, manifests);
}
