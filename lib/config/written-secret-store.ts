import { z } from 'zod';
import { NO_STORE, refreshSeconds, type SecretStore, storeKind, storeName } from '../tenant/secret-store';
import { duration, secondsOf } from './duration';
import { filledIn } from './placeholders';
import { secretsOf, type WrittenSecrets } from './secrets';

/** Where Secrets come from that are called as services are, as a person writes it. */
export const writtenSecretStore = z.strictObject({
  name: storeName.describe('Name of a store of External Secrets.'),
  kind: storeKind
    .exactOptional()
    .describe(
      'ClusterSecretStore, or SecretStore for one of that name in the namespace of each tenant. Default: ClusterSecretStore.',
    ),
  path: z
    .string('must be a path in text, such as acme/{tenant}/{service}')
    .describe(
      'Where the secrets of a service of a tenant are in the store, with {tenant} and {service} filled in: acme/{tenant}/{service}. What is there must be keys with values.',
    ),
  refresh: duration
    .refine((written) => refreshSeconds.safeParse(secondsOf(written)).success, 'must be from 10s to a week (168h)')
    .exactOptional()
    .describe('Time after which the store is asked again. Default: 1h.'),
});

export type WrittenSecretStore = Readonly<z.output<typeof writtenSecretStore>>;

export function secretStoreOf(written?: WrittenSecretStore): SecretStore {
  if (written === undefined) return NO_STORE;
  const { name, kind = NO_STORE.kind, refresh } = written;
  return { name, kind, refreshSeconds: refresh === undefined ? NO_STORE.refreshSeconds : secondsOf(refresh) };
}

interface Named {
  readonly name: string;
  readonly secrets?: WrittenSecrets;
}

/**
 * By service: where in the store the Secret is that is called as the service is.
 *
 * @param services - all of a tenant. Those whose Secret none of them takes anything from have none.
 */
export function secretPaths(
  written: WrittenSecretStore | undefined,
  tenant: string,
  services: readonly Named[],
): ReadonlyMap<string, string> {
  if (written === undefined) return new Map();
  const taken = new Set(services.flatMap(({ name, secrets }) => secretsOf(secrets, name).map(({ secret }) => secret)));
  return new Map(
    services
      .filter(({ name }) => taken.has(name))
      .map(({ name }) => [name, filledIn(written.path, { tenant, service: name })]),
  );
}
