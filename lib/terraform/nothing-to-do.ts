import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Platform } from '../config/platform';
import { OutputFolder } from '../stacks/output-folder';
import type { Settled } from '../stacks/settled';
import { readState } from '../state-bucket/read-state';
import { stateLocks } from '../state-bucket/state-lock';

/** To be said where there was no plan. */
export const NOT_PLANNED =
  'As the cluster and the states say: every object is as it would be applied, so Terraform was not asked. --full asks it.';

/**
 * Whether a plan would change nothing, told without one. The synth found in the cluster every value that would be applied, and nothing that
 * Terraform owns besides; and the states have exactly these objects, and are held by nobody. What Terraform could find then is what it has found.
 * So what a plan sees and this does not is no change of the cluster: an attribute that the state has of an object and that is older.
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
  return [[operator, wanted.operator] as const, [tenants, wanted.tenants] as const].every(
    ([state, names]) => state?.isWhole && isDeepStrictEqual([...state.objects].sort(), [...names].sort()),
  );
}
