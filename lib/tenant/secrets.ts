import { z } from 'zod';
import { refusing, rule, withApiRules } from './api-rules';
import { variableName } from './env';
import type { Immutable } from './immutable';
import { text } from './names';

/** As many as a service can have. */
export const MOST_SECRETS = 64;

const SECRET = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const KEY = /^[-._a-zA-Z0-9]+$/;

/** The name of a Secret in the tenant's namespace. Those with the credentials of the tenant's database are the operator's. */
export const secretName = refusing(
  text('the name of a Secret')
    .regex(SECRET, 'must be lower-case letters, digits, "-" and ".", as the names of Secrets are')
    .max(253, 'must have at most 253 characters'),
  /^(tenantry-credentials|database)$/,
  'is kept for the database: its credentials arrive as PGUSER and PGPASSWORD',
);

/** A key in a Secret, by the rule of Kubernetes. */
export const secretKey = refusing(
  text('a key of a Secret')
    .regex(KEY, 'must be letters, digits, "-", "_" and "."')
    .max(253, 'must have at most 253 characters'),
  /^\.(\.|$)/,
  'must not be "." nor begin with "..", which Kubernetes takes for no key',
);

/** The variables that a service takes from Secrets. No value is ever here: it goes from the Secret to the pod by the kubelet alone. */
export const secretVariables = rule(
  withApiRules(
    z
      .array(
        withApiRules(
          z.strictObject({
            name: variableName.describe('Name of the variable.'),
            secret: secretName.describe("Name of the Secret, which lies in the tenant's namespace."),
            key: secretKey.describe('Key in that Secret.'),
          }),
          { 'x-kubernetes-map-type': 'atomic' },
        ),
      )
      .max(MOST_SECRETS),
    { 'x-kubernetes-list-type': 'atomic' },
  ),
  {
    holds: (variables) => new Set(variables.map(({ name }) => name)).size === variables.length,
    // By the names, for the API server takes a comparison of each with each of the objects for too dear.
    cel: 'self.map(one, one.name).all(name, self.exists_one(other, other.name == name))',
    message: 'each variable needs a name of its own',
  },
);

export type SecretVariable = Immutable<z.output<typeof secretVariables>>[number];
