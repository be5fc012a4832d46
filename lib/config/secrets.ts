import { z } from 'zod';
import { variableName } from '../tenant/env';
import { text } from '../tenant/names';
import { MOST_SECRETS, type SecretVariable, secretKey, secretName } from '../tenant/secrets';

/** What a file says of a service's secrets: the variable, and `secret/key`, where it comes from. */
export type WrittenSecrets = Readonly<Record<string, string | null>>;

const REFERENCE = /^[^/]+\/[^/]+$/;

/** `stripe/api-key`: the key `api-key` of the Secret `stripe`. */
const reference = text('a Secret and its key, such as stripe/api-key')
  .regex(REFERENCE, 'must be a Secret and its key, such as stripe/api-key')
  .superRefine((written, context) => {
    if (!REFERENCE.test(written)) return;
    const { secret, key } = parsed(written);
    for (const [what, { error }] of [
      ['Secret', secretName.safeParse(secret)],
      ['key', secretKey.safeParse(key)],
    ] as const)
      for (const { message } of error?.issues ?? []) context.addIssue(`names a ${what} that ${message}`);
  });

const few = [
  (written: object) => Object.keys(written).length <= MOST_SECRETS,
  `must have at most ${MOST_SECRETS} variables`,
] as const;

export const platformSecrets = z.record(variableName, reference).refine(...few);
export const tenantSecrets = z.record(variableName, reference.nullable()).refine(...few);

/** What is written, once it is merged: null is none. Sorted by variable. */
export function secretsOf(written: WrittenSecrets = {}): readonly SecretVariable[] {
  const all = Object.entries(written).flatMap(([name, from]) => (from === null ? [] : [{ name, ...parsed(from) }]));
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parsed(written: string): Omit<SecretVariable, 'name'> {
  const [secret = '', key = ''] = written.split('/');
  return { secret, key };
}
