import { refusing } from './api-rules';
import { text } from './names';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What the operator tells every service. Whoever says one of them again would only hide where the service really is. */
const RESERVED = /^(PORT|TENANT|HOST|GIT_SHA|PG.*)$/;

/** The name of a variable that a service may be given, as every shell takes it. */
export const variableName = refusing(
  text('the name of a variable')
    .regex(VARIABLE, 'must be letters, digits and "_", and not begin with a digit, as variables are')
    .max(128, 'must have at most 128 characters'),
  RESERVED,
  'is a variable that the operator sets: PORT, TENANT, HOST, GIT_SHA, and for PostgreSQL all that begin with PG',
);
