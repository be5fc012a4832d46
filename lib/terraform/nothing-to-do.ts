import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Platform } from '../config/platform';
import { OutputFolder } from '../stacks/output-folder';
import type { Manifests, Settled } from '../stacks/settled';
import { readState, type StoredState } from '../state-bucket/read-state';
import { stateLocks } from '../state-bucket/state-lock';

/** To be said where there was no plan. */
export function notPlanned(stacks: readonly string[]): string {
  return `As the cluster and the states say, every object of ${stacks.join(' and ')} is as it would be applied, so Terraform was not asked. --full asks it.`;
}

/**
 * The stacks of which a plan would change nothing, told without one. Terraform compares what is asked for with what it applied last, which the state
 * has, and with what the cluster has. So does this: the synth found in the cluster every value that is asked for; and the state has exactly these
 * objects, each applied last as it is asked for now, and nobody holds a state. What a plan would find besides is no change of the cluster: what the
 * state says of an object that others have written to since.
 *
 * The tenants are never among them without the operator, whose definition decides what can be asked of them.
 *
 * @param output - where the synth wrote.
 * @throws StateBucketProblem, StrangeLock
 */
export async function nothingToDo(output: string, platform: Platform): Promise<ReadonlySet<string>> {
  const file = new OutputFolder(output).settled;
  const wanted = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Settled) : {};
  if (!wanted.operator) return new Set();
  const [operator, tenants, locks] = await Promise.all([
    readState(platform, 'operator'),
    readState(platform, 'tenants'),
    stateLocks(platform, ['operator', 'tenants']),
  ]);
  // A lock that a dead run left is to be heard of now, and not when something has to change.
  if (locks.length > 0 || !isAsked(operator, wanted.operator)) return new Set();
  return new Set(isAsked(tenants, wanted.tenants) ? ['operator', 'tenants'] : ['operator']);
}

function isAsked(state: StoredState | undefined, manifests: Manifests | undefined): boolean {
  return state?.isWhole === true && manifests !== undefined && isDeepStrictEqual(state.manifests, manifests);
}
