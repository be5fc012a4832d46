import { z } from 'zod';
import { withApiRules } from './api-rules';
import { text } from './names';
import { orNone } from './paths';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** What the stores of AWS, Google, Azure and Vault have in their names and paths; the "/" that begins those of AWS' Parameter Store is its store's `prefix`. */
const PATH = /^[A-Za-z0-9_]([A-Za-z0-9_/+=.@:-]*[A-Za-z0-9_+=.@-])?$/;

export const STORE_KINDS = ['ClusterSecretStore', 'SecretStore'] as const;

export const storeKind = z.enum(STORE_KINDS, 'must be ClusterSecretStore or SecretStore');

export const storeName = text('the name of a ClusterSecretStore or SecretStore')
  .regex(NAME, 'must be the name of a store: lower-case letters, digits, "-" and "."')
  .max(253, 'must have at most 253 characters');

export const secretPath = text('a path in the secret store, such as acme/globex/apiserver')
  .regex(
    PATH,
    'must be letters, digits and "_/+=.@:-", beginning with a letter, digit or "_", and ending with no "/" or ":"',
  )
  .max(512, 'must have at most 512 characters');

/** Whoever pays for each request to the store wants it asked no more often. */
export const refreshSeconds = z
  .int('must be a whole number of seconds')
  .min(10, 'must be 10 seconds or more')
  .max(7 * 24 * 60 * 60, 'must be at most a week');

/** A store of the External Secrets Operator: https://external-secrets.io/v0.16.2/api/externalsecret/ */
export const secretStore = withApiRules(
  z.strictObject({
    kind: storeKind.describe(
      "Kind of the store: one of the cluster, or one of this name in the tenant's own namespace.",
    ),
    name: orNone(storeName).describe('Name of the store. Empty for none.'),
    refreshSeconds: refreshSeconds.describe('Seconds after which the store is asked again.'),
  }),
  { 'x-kubernetes-map-type': 'atomic' },
);

export type SecretStore = Readonly<z.output<typeof secretStore>>;

/** Of a Tenant that says nothing of it. */
export const NO_STORE: SecretStore = { kind: 'ClusterSecretStore', name: '', refreshSeconds: 3600 };
