import { z } from 'zod';
import { refusing, withApiRules } from './api-rules';
import { text } from './names';
import { word } from './words';

/** As many as a service can have of its own. */
export const MOST_VARIABLES = 64;

/** What the operator tells every service, before the service's own variables: these may refer to it. */
export const TOLD: readonly string[] = [
  'PORT',
  'TENANT',
  'HOST',
  'GIT_SHA',
  'PGHOST',
  'PGPORT',
  'PGSSLMODE',
  'PGDATABASE',
  'PGUSER',
  'PGPASSWORD',
];

/** Those of libpq have no "_" but one: https://www.postgresql.org/docs/current/libpq-envars.html */
const TAKEN = /^(PORT|TENANT|HOST|GIT_SHA|PG[A-Z]*|PGCONNECT_TIMEOUT)$/;

export const variableName = refusing(
  text('the name of a variable')
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be letters, digits and "_", and begin with no digit')
    .max(128, 'must have at most 128 characters'),
  TAKEN,
  'is taken: PORT, TENANT, HOST and GIT_SHA tell a service what it is, and PG... how to reach its database',
);

/** Variables in the order in which Kubernetes fills in what one says of another: `$(NAME)`, of those before it alone. */
export const env = withApiRules(
  z
    .array(
      withApiRules(
        z.strictObject({
          name: variableName.describe('Name of the variable.'),
          value: word.describe(
            'Its value. $(NAME) is replaced by a variable before it, or one that every service is told; $$(NAME) stays as $(NAME).',
          ),
        }),
        { 'x-kubernetes-map-type': 'atomic' },
      ),
    )
    .max(MOST_VARIABLES)
    .refine(
      (variables) => new Set(variables.map(({ name }) => name)).size === variables.length,
      'each variable needs a name of its own',
    ),
  // So the API server holds names to be different, for which a rule in CEL costs too much. Who writes it still writes it whole, since it
  // stands in the list of services, which is atomic.
  { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
);

export type Variable = Readonly<z.output<typeof env>[number]>;
