import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { Platform } from '../config/platform';
import { ExplainedError } from '../text/explained-error';
import { objectAt, readObject } from './read-object';
import { lockKey } from './state-key';
import { withS3 } from './with-s3';

/** Who holds the state of a stack, as Terraform wrote it beside that. */
export interface StateLock {
  readonly stack: string;
  readonly id: string;
  /** User and host. */
  readonly who: string;
  readonly since: Date;
  /** `OperationTypeApply`, `OperationTypePlan` ... */
  readonly operation: string;
}

/** Thrown when an object beside the state is none of Terraform's locks. */
export class StrangeLock extends ExplainedError {
  override readonly name = 'StrangeLock';
}

/** The stacks that have a state. Who deploys may not look at that of the registry. */
export const STATES = ['registry', 'operator', 'tenants'] as const;

/** As `statemgr.LockInfo` of Terraform 1.11 writes it. */
const written = z.object({
  ID: z.string(),
  Who: z.string(),
  Created: z.string().transform((text) => new Date(text)),
  Operation: z.string(),
});

type StatePlatform = Pick<Platform, 'name' | 'registry' | 'state'>;

/**
 * Which of the states somebody holds.
 *
 * @throws StateBucketProblem, StrangeLock
 */
export async function stateLocks(
  platform: StatePlatform,
  stacks: readonly (typeof STATES)[number][] = STATES,
): Promise<StateLock[]> {
  return withS3(platform, async (s3) => {
    const found = await Promise.all(stacks.map((stack) => read(s3, platform, stack)));
    return found.flatMap((one) => (one === undefined ? [] : [one.lock]));
  });
}

/**
 * Takes a lock away, as `terraform force-unlock` does, for which the stack would have to be synthesised and initialised. Resolves to whether it was still there:
 * one that somebody else has taken since then stays.
 *
 * @throws StateBucketProblem, StrangeLock
 */
export async function removeLock(platform: StatePlatform, { stack, id }: StateLock): Promise<boolean> {
  return withS3(platform, async (s3) => {
    const found = await read(s3, platform, stack);
    if (found?.lock.id !== id) return false;
    await s3.send(new DeleteObjectCommand({ ...objectAt(platform, lockKey(platform, stack)), IfMatch: found.etag }));
    return true;
  });
}

async function read(s3: S3Client, platform: StatePlatform, stack: string) {
  const found = await readObject(s3, platform, lockKey(platform, stack));
  if (!found) return undefined;
  let lock: z.infer<typeof written>;
  try {
    lock = written.parse(JSON.parse(found.text));
  } catch (cause) {
    throw new StrangeLock(
      `s3://${platform.state.bucket}/${lockKey(platform, stack)} is none of Terraform's locks: look at it, and delete it if nobody needs it`,
      { cause },
    );
  }
  const { ID: id, Who: who, Created: since, Operation: operation } = lock;
  return { lock: { stack, id, who, since, operation }, etag: found.etag };
}
