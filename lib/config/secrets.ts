import { z } from 'zod';
import { variableName } from '../tenant/env';
import { text } from '../tenant/names';
import { MOST_SECRETS, type SecretVariable, secretKey, secretName } from '../tenant/secrets';

/** What a file says of a service's secrets: the variable, and where it comes from: `secret/key`, or the `key` in the secret store. */
export type WrittenSecrets = Readonly<Record<string, string | null>>;

const REFERENCE = /^([^/]+\/)?[^/]+$/;

/** `stripe/api-key`: the key `api-key` of the Secret `stripe`. `api-key`: that of the Secret which comes from the secret store for this service. */
const reference = text('a Secret and its key, such as stripe/api-key, or a key in the secret store')
  .regex(REFERENCE, 'must be a Secret and its key, such as stripe/api-key, or a key in the secret store')
  .superRefine((written, context) => {
    if (!REFERENCE.test(written)) return;
    const { secret, key } = parsed(written, 'service');
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

/** Whether it is a key of the Secret that is called as the service is, which comes from the secret store. */
export function isOfService(written: string): boolean {
  return !written.includes('/');
}

/** What is written of a service, once it is merged: null is none. Sorted by variable. */
export function secretsOf(written: WrittenSecrets | undefined, service: string): readonly SecretVariable[] {
  const all = Object.entries(written ?? {}).flatMap(([name, from]) =>
    from === null ? [] : [{ name, ...parsed(from, service) }],
  );
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parsed(written: string, service: string): Omit<SecretVariable, 'name'> {
  const [secret = '', key = ''] = isOfService(written) ? [service, written] : written.split('/');
  return { secret, key };
}
